package io.byssus.runtime.queue;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets a thread sleep for as long as a consumer does, at no cost to a consumer that is awake:
 *
 * <pre>
 * consumer                              companion
 * its {@link WakeSignal#awake}                    join(this thread)
 * awake(): unpark who has joined        if the consumer is awake: go on, else: park
 * </pre>
 *
 * Both sides put a full fence between their store and their load, so at least one sees the other.
 *
 * <p><b>Ownership:</b> {@link #awake} by the one consumer, {@link #join} by the one companion.
 */
public final class SleepCompanion {
    private volatile Thread companion;

    /**
     * Has {@code thread} unparked once, when the consumer next wakes. Look at the consumer
     * afterwards: it may have woken before.
     */
    public void join(Thread thread) {
        companion = thread; // volatile: ordered before the look at the consumer that follows
    }

    /** The consumer has woken. */
    public void awake() {
        VarHandle.fullFence();
        Thread thread = companion;
        if (thread != null) {
            companion = null;
            LockSupport.unpark(thread);
        }
    }
}
