package io.byssus.runtime.testing;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for a condition that nothing announces, with a deadline. */
public final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private Eventually() {}

    /**
     * Returns as soon as {@code condition} holds. For a thread that is no fiber.
     *
     * @throws AssertionError if that takes longer than ten seconds
     */
    public static void holds(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + what);
            }
            Thread.yield();
        }
    }
}
