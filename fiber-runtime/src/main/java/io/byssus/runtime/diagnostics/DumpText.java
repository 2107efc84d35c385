package io.byssus.runtime.diagnostics;

import io.byssus.runtime.diagnostics.FiberSnapshot.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes a dump as text for people. */
final class DumpText {
    private static final String FIBER = "    ";
    private static final String NAME = "        ";
    private static final String FRAME = "        at ";

    private final Appendable out;
    private final int namesMax;

    /** What the fibers of one entry have in common. */
    private record Common(State state, String group, List<StackTraceElement> stack) {}

    DumpText(Appendable out, int namesMax) {
        this.out = out;
        this.namesMax = namesMax;
    }

    void write(FiberDump dump) throws IOException {
        int fibers = dump.shards().stream().mapToInt(shard -> shard.fibers().size()).sum();
        line(count(fibers, "fiber") + " on " + count(dump.shards().size(), "shard"));
        for (Deadlock deadlock : dump.deadlocks()) {
            line(deadlock.toString());
        }
        boolean several =
                dump.shards().stream().mapToInt(ShardSnapshot::runtime).distinct().count() > 1;
        for (ShardSnapshot shard : dump.shards()) {
            line("");
            write(shard, several ? "runtime " + shard.runtime() + ", " : "");
        }
    }

    private void write(ShardSnapshot shard, String prefix) throws IOException {
        String states =
                Stream.of(State.values())
                        .map(state -> count(shard, state))
                        .filter(text -> !text.isEmpty())
                        .collect(Collectors.joining(", "));
        line(
                prefix
                        + "shard "
                        + shard.shard()
                        + ": "
                        + count(shard.fibers().size(), "fiber")
                        + (states.isEmpty() ? "" : " (" + states + ")")
                        + (shard.answered() ? "" : ". It does not answer: a fiber holds it"));
        Map<Common, List<FiberSnapshot>> entries = new LinkedHashMap<>();
        shard.fibers().stream()
                .sorted(Comparator.comparing(FiberSnapshot::state))
                .forEach(fiber -> {
                    Common common = new Common(fiber.state(), fiber.group(), fiber.stack());
                    entries.computeIfAbsent(common, key -> new ArrayList<>()).add(fiber);
                });
        for (Map.Entry<Common, List<FiberSnapshot>> entry : entries.entrySet()) {
            write(entry.getKey(), entry.getValue());
        }
    }

    private static String count(ShardSnapshot shard, State state) {
        long count = shard.fibers().stream().filter(fiber -> fiber.state() == state).count();
        return count == 0 ? "" : count + " " + word(state);
    }

    private void write(Common common, List<FiberSnapshot> fibers) throws IOException {
        String tail = ", " + word(common.state) + ", group '" + common.group + "'";
        FiberSnapshot first = fibers.getFirst();
        if (fibers.size() == 1) {
            line(FIBER + "fiber " + first + tail + waitsFor(first));
        } else {
            line(FIBER + count(fibers.size(), "fiber") + tail);
            for (FiberSnapshot fiber : fibers.subList(0, Math.min(namesMax, fibers.size()))) {
                line(NAME + fiber + waitsFor(fiber));
            }
            if (fibers.size() > namesMax) {
                line(NAME + "... and " + (fibers.size() - namesMax) + " more");
            }
        }
        for (StackTraceElement frame : common.stack) {
            line(FRAME + frame);
        }
    }

    private static String waitsFor(FiberSnapshot fiber) {
        return fiber.waitsFor().isEmpty() ? "" : ", waits for " + fiber.waitsFor();
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static String count(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private void line(String text) throws IOException {
        out.append(text).append('\n');
    }
}
