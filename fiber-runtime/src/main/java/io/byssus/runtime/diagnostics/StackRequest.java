package io.byssus.runtime.diagnostics;

import io.byssus.runtime.reactor.Reactor;
import java.util.concurrent.locks.LockSupport;

/**
 * The stack of what holds a shard, asked for while it does. The answer can wait for the JVM's next
 * safepoint: half a second behind a long counted loop or a critical native call.
 *
 * <p><b>Ownership:</b> {@link #take} by any one thread, the rest by the sampler.
 */
final class StackRequest implements Runnable {
    private static final StackTraceElement[] NONE = {};

    private final Reactor reactor;
    private final long tasks;
    private final Thread thread;
    private final Thread asker;

    /** Empty if the task ended before its stack was there. */
    private volatile StackTraceElement[] stack;

    /**
     * @param tasks the reactor's count of tasks during the one that is meant
     * @param thread whose stack it is
     * @param asker unparked when there is an answer
     */
    StackRequest(Reactor reactor, long tasks, Thread thread, Thread asker) {
        this.reactor = reactor;
        this.tasks = tasks;
        this.thread = thread;
        this.asker = asker;
    }

    /** Takes the stack, however long that takes. */
    @Override
    public void run() {
        StackTraceElement[] taken = isStillRunning() ? thread.getStackTrace() : NONE;
        // The count says whether it is the stack of this task: it moves when the task ends.
        stack = isStillRunning() ? taken : NONE;
        LockSupport.unpark(asker);
    }

    private boolean isStillRunning() {
        return reactor.counters().tasks == tasks && reactor.running() != null;
    }

    boolean isAnswered() {
        return stack != null;
    }

    /** The stack, top first; empty if the task ended before it was taken. */
    StackTraceElement[] stack() {
        return stack;
    }
}
