package io.byssus.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The time for which the machine's processors did anything: programs, the kernel, interrupts and
 * soft interrupts. What the kernel does for a server's packets is booked on whom the interrupt
 * happens to hit, so that a process's own CPU clock does not tell all. The load generator is in it.
 */
final class BusyTime {
    private static final long NANOS_PER_TICK = 10_000_000;

    // Fields of the first line of /proc/stat: "cpu", user, nice, system, idle, iowait, irq, softirq
    private static final int[] BUSY = {1, 2, 3, 6, 7};

    private BusyTime() {}

    /** Nanoseconds of all processors since the machine's start, in steps of 10 ms. */
    static long nanos() {
        try {
            String[] fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +");
            long ticks = 0;
            for (int field : BUSY) {
                ticks += Long.parseLong(fields[field]);
            }
            return ticks * NANOS_PER_TICK;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
