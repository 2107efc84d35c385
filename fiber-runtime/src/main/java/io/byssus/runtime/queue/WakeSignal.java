package io.byssus.runtime.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Decides which sender wakes a sleeping consumer, so that nobody pays for a wake-up that is not
 * needed and no message is left behind (the store-buffering pattern of Dekker):
 *
 * <pre>
 * consumer                             sender
 * announceSleep()                      offer a message to the queue
 * if the queue is not empty: awake()   if (claimWake()) wake the consumer
 * else: wait in the kernel, awake()
 * </pre>
 *
 * Both sides put a full fence between their store and their load, so at least one sees the other.
 * Of many senders exactly one claims each sleep.
 *
 * <p><b>Ownership:</b> {@code announceSleep} and {@code awake} by the one consumer; {@code
 * claimWake} by any thread.
 */
public final class WakeSignal {
    private static final VarHandle SLEEPING;

    static {
        try {
            SLEEPING =
                    MethodHandles.lookup()
                            .findVarHandle(WakeSignal.class, "sleeping", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean sleeping;

    /** The consumer is about to look at its queues for the last time before it sleeps. */
    public void announceSleep() {
        sleeping = true; // volatile: ordered before the look at the queues that follows
    }

    /** The consumer runs again. */
    public void awake() {
        SLEEPING.setOpaque(this, false);
    }

    /**
     * Whether the consumer has been seen asleep; without a fence, so "no" is not certain. A sender
     * that has just stored something to a line that the consumer reads would wait at the fence for
     * that line; with this it can put the fence off, and pay for it once for several messages.
     */
    public boolean isSeenAsleep() {
        return (boolean) SLEEPING.getOpaque(this);
    }

    /**
     * Whether the consumer sleeps, or is about to, and nobody has claimed its wake-up. From any
     * thread.
     */
    public boolean isSleeping() {
        return sleeping;
    }

    /**
     * Called after a message was offered.
     *
     * @return true if the caller has to wake the consumer
     */
    public boolean claimWake() {
        VarHandle.fullFence();
        return (boolean) SLEEPING.getOpaque(this) && SLEEPING.compareAndSet(this, true, false);
    }
}
