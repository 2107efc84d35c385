package io.byssus.benchmarks.cubic;

import io.byssus.stack.device.FaultCounters;

/**
 * What became of one transfer.
 *
 * @param megabits payload that arrived, per second
 * @param data the frames towards the receiver
 * @param acknowledgments the frames the other way
 * @param lateness of all these frames
 */
record Outcome(double megabits, Direction data, Direction acknowledgments, Lateness lateness) {
    private static final double MEGA = 1e6;
    private static final double PERCENT = 100;

    /**
     * Frames that went one way.
     *
     * @param lost of those offered, by chance
     * @param overflowed of those offered, because the queue was full
     */
    record Direction(long offered, long lost, long overflowed) {
        static Direction of(FaultCounters counters) {
            return new Direction(counters.offered(), counters.lost(), counters.overflowed());
        }

        double lossPercent() {
            return PERCENT * lost / Math.max(1, offered);
        }
    }

    /** By how much a half of the frames, and 99 of 100, left the path late at most. */
    record Lateness(double medianMicros, double p99Micros) {
        /** In virtual time. */
        static final Lateness NONE = new Lateness(0, 0);
    }

    static Outcome of(
            long bytes,
            long seconds,
            FaultCounters data,
            FaultCounters acknowledgments,
            Lateness lateness) {
        return new Outcome(
                bytes * (double) Byte.SIZE / seconds / MEGA,
                Direction.of(data),
                Direction.of(acknowledgments),
                lateness);
    }
}
