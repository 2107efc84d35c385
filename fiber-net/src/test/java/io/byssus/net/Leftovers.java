package io.byssus.net;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.Eventually;
import java.util.List;

/** What a shard holds when a test is over, and should not. */
final class Leftovers {
    /** The fiber that looks. */
    private static final String LOOKING = "submitTo";

    private record Holding(
            List<Throwable> bufferSites, int blocks, int connections, List<String> fibers) {
        boolean isNoMoreThan(int buffersAtRest) {
            return bufferSites.size() <= buffersAtRest
                    && blocks <= buffersAtRest
                    && connections == 0
                    && fibers.isEmpty();
        }
    }

    private Leftovers() {}

    /**
     * Waits until no shard holds anything but the buffers that its device keeps; those that another
     * shard closed may be on their way.
     */
    static void awaitNone(Shards shards, int buffersAtRest) {
        for (Shard shard : shards.all()) {
            Eventually.until(() -> {
                Holding held = shards.submitTo(shard.id(), () -> look(shard));
                return held.isNoMoreThan(buffersAtRest) ? "" : shard + " holds " + describe(held);
            });
        }
    }

    private static Holding look(Shard shard) {
        return new Holding(
                shard.buffers().liveSites(),
                shard.buffers().liveBlocks(),
                shard.reactor().counters().connectionsActive,
                Fiber.liveOn(shard.reactor()).stream()
                        .map(Fiber::name)
                        .filter(name -> !name.equals(LOOKING))
                        .toList());
    }

    private static String describe(Holding held) {
        StringBuilder text = new StringBuilder();
        text.append(held.blocks).append(" blocks, ");
        text.append(held.connections).append(" connections, ");
        text.append("fibers ").append(held.fibers);
        for (Throwable site : held.bufferSites) {
            text.append("\n  a buffer allocated at");
            for (StackTraceElement frame : site.getStackTrace()) {
                text.append("\n    ").append(frame);
            }
        }
        return text.toString();
    }
}
