package io.byssus.runtime.time;

/**
 * Where the time comes from. Every part of the runtime asks its shard's clock, so a test or a
 * simulation decides what time it is.
 *
 * <p><b>Ownership:</b> any thread.
 */
public interface Clock {
    /** Nanoseconds since an arbitrary origin; never goes back. */
    long nanoTime();

    /** The machine's monotonic clock. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /** {@link System#nanoTime}. */
    enum SystemClock implements Clock {
        INSTANCE;

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }
    }
}
