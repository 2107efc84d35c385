package io.byssus.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Waits until nobody else uses the two cores of the measurement.
 *
 * <p>A disturbed turn is worth nothing, and not only because noise adds: a server that is pushed
 * off its core finds more messages waiting when it comes back, handles them in larger batches, and
 * then looks <em>cheaper</em> per request than it is.
 *
 * <p><b>Ownership:</b> stateless, one thread.
 */
final class QuietCores {
    private static final Path STATISTICS = Path.of("/proc/stat");
    private static final long SAMPLE_MILLIS = 1000;
    private static final double QUIET = 0.9;

    // Fields of a line "cpu0 user nice system idle iowait ...", all in ticks.
    private static final int IDLE = 4;
    private static final int IOWAIT = 5;

    private QuietCores() {}

    /** Ticks of both cores together since the machine's start. */
    private record Ticks(double idle, double all) {}

    /** Returns when both cores were idle for a second, or when it has waited long enough. */
    static void await(List<Integer> cores, int secondsMax)
            throws IOException, InterruptedException {
        long deadlineNanos = System.nanoTime() + secondsMax * 1_000_000_000L;
        Ticks before = ticks(cores);
        while (System.nanoTime() - deadlineNanos < 0) {
            // allow ThreadSleep: the time between two samples
            Thread.sleep(SAMPLE_MILLIS);
            Ticks after = ticks(cores);
            if (after.idle - before.idle >= QUIET * (after.all - before.all)) {
                return;
            }
            before = after;
        }
    }

    private static Ticks ticks(List<Integer> cores) throws IOException {
        double idle = 0;
        double all = 0;
        for (String line : Files.readAllLines(STATISTICS)) {
            String[] fields = line.split(" +");
            if (cores.stream().anyMatch(core -> fields[0].equals("cpu" + core))) {
                idle += Double.parseDouble(fields[IDLE]) + Double.parseDouble(fields[IOWAIT]);
                all += Arrays.stream(fields).skip(1).mapToDouble(Double::parseDouble).sum();
            }
        }
        return new Ticks(idle, all);
    }
}
