package io.byssus.net;

import io.byssus.runtime.fiber.Fiber;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for conditions, with a deadline. On a fiber the others of its shard go on meanwhile, I/O
 * and timers included.
 */
final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private Eventually() {}

    /**
     * @param complaint empty once the condition holds
     */
    static void until(Supplier<String> complaint) {
        long end = System.nanoTime() + LIMIT.toNanos();
        String text = complaint.get();
        while (!text.isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("after " + LIMIT + ": " + text);
            }
            Thread.yield();
            text = complaint.get();
        }
    }

    static void until(String what, BooleanSupplier condition) {
        until(() -> condition.getAsBoolean() ? "" : "still not so: " + what);
    }

    /** Lets {@code fiber}, of the calling fiber's shard, go on until it has parked. */
    static void parked(Fiber<?> fiber) {
        until(
                fiber + " has parked",
                () -> {
                    Thread.State state = fiber.thread().getState();
                    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
                });
    }
}
