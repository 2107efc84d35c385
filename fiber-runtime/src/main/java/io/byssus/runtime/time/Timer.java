package io.byssus.runtime.time;

/**
 * Something that happens at a time: an intrusive node of a {@link TimerWheel}. Embed it (extend it)
 * in whatever waits, so that arming allocates nothing.
 *
 * <p><b>Ownership:</b> confined to the shard of the wheel it is armed in.
 */
public abstract class Timer {
    static final int NOT_ARMED = -1;

    /** Next in the slot's list; null at its end. */
    Timer next;

    /** The one before it in the list; of the first, the last. */
    Timer previous;

    /** Wheel tick at which it fires; nanoseconds as long as it has no place yet. */
    long tick;

    /** Index of the list that holds it, or {@link #NOT_ARMED}. */
    int slot = NOT_ARMED;

    protected Timer() {}

    /**
     * Called once per arming, on the shard's carrier, at or after the deadline. Must not block or
     * throw; may arm and cancel timers, this one included.
     */
    protected abstract void onExpiry();

    public final boolean isArmed() {
        return slot != NOT_ARMED;
    }
}
