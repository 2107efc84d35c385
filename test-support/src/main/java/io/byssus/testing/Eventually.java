package io.byssus.testing;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for what nothing announces, with a deadline. On a fiber the others of its shard go on
 * meanwhile, I/O and timers included.
 */
public final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private Eventually() {}

    /**
     * Returns as soon as there is nothing to complain about.
     *
     * @param complaint empty once the condition holds
     * @throws AssertionError with the complaint, if that takes longer than ten seconds
     */
    public static void until(Supplier<String> complaint) {
        long start = System.nanoTime();
        String text = complaint.get();
        while (!text.isEmpty()) {
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new AssertionError("after " + LIMIT.toSeconds() + " s: " + text);
            }
            Thread.yield();
            text = complaint.get();
        }
    }

    /** As {@link #until(Supplier)}, until {@code condition} holds. */
    public static void until(String what, BooleanSupplier condition) {
        until(() -> condition.getAsBoolean() ? "" : "still not so: " + what);
    }

    /** Waits until {@code thread}, which may be a fiber's, waits for something itself. */
    public static void parked(Thread thread) {
        until(
                thread + " has parked",
                () -> {
                    Thread.State state = thread.getState();
                    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
                });
    }

    /**
     * As {@link #parked}, of a thread with a time limit: on a busy machine it may have waited and
     * ended before anybody looks.
     */
    public static void parkedOrEnded(Thread thread) {
        until(
                thread + " has parked or ended",
                () -> {
                    Thread.State state = thread.getState();
                    return state == Thread.State.WAITING
                            || state == Thread.State.TIMED_WAITING
                            || state == Thread.State.TERMINATED;
                });
    }
}
