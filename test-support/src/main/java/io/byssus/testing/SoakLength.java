package io.byssus.testing;

import java.time.Duration;

/**
 * How long a soak test goes on: {@code -Dbyssus.soak.seconds}, by default one minute. A soak that
 * counts instead of watching the clock takes that share of its full count.
 */
public final class SoakLength {
    private static final int FULL_SECONDS = 60;
    private static final int SECONDS = Integer.getInteger("byssus.soak.seconds", FULL_SECONDS);

    private final long startNanos = System.nanoTime();

    private SoakLength() {}

    /** It begins. */
    public static SoakLength start() {
        return new SoakLength();
    }

    /** Whether its time is not over. */
    public boolean goesOn() {
        return System.nanoTime() - startNanos < Duration.ofSeconds(SECONDS).toNanos();
    }

    /** {@code full}, or less of it in a shortened run. */
    public static int count(int full) {
        return (int) Math.max(1, Math.min(full, (long) full * SECONDS / FULL_SECONDS));
    }
}
