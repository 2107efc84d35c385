package io.byssus.runtime.memory;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A pool's figures in one line, for exceptions and logs. On the pool's shard. */
final class PoolReport {
    private static final int HOLDERS_MAX = 3;
    private static final int SHARES = 100;

    /** Through which everybody allocates. */
    private static final Set<String> WAYS =
            Set.of(
                    BufferPool.class.getName(),
                    Buffer.class.getName(),
                    "io.byssus.runtime.shard.Shard");

    private PoolReport() {}

    static String of(BufferPool pool) {
        StringBuilder text = new StringBuilder();
        text.append(pool.liveBytes())
                .append(" of ")
                .append(pool.limits().usableBytes())
                .append(" in use (");
        text.append(
                pool.sizeClasses().stream()
                        .filter(size -> size.live() > 0)
                        .map(PoolReport::buffers)
                        .collect(Collectors.joining(", ")));
        text.append("), ").append(pool.waitingFibers()).append(" fibers wait");
        holders(pool.liveSites(), text);
        return text.append("; see --buffer-memory").toString();
    }

    private static String buffers(BufferPool.SizeClass size) {
        return size.capacity() == 0
                ? size.live() + " larger"
                : size.live() + " of " + size.capacity();
    }

    /** Where most of the live buffers were allocated, if the pool knows. */
    private static void holders(List<Throwable> sites, StringBuilder text) {
        if (sites.isEmpty()) {
            return;
        }
        Map<String, Long> counts =
                sites.stream()
                        .collect(Collectors.groupingBy(PoolReport::place, Collectors.counting()));
        text.append("; most were allocated by ");
        text.append(
                counts.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                        .limit(HOLDERS_MAX)
                        .map(e -> e.getKey() + " (" + SHARES * e.getValue() / sites.size() + " %)")
                        .collect(Collectors.joining(", ")));
    }

    private static String place(Throwable site) {
        for (StackTraceElement frame : site.getStackTrace()) {
            if (!WAYS.contains(frame.getClassName())) {
                return frame.toString();
            }
        }
        return "an unknown place";
    }
}
