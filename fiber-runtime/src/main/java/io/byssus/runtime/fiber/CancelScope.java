package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ShardLocal;
import io.byssus.runtime.time.Timer;
import java.nio.channels.ClosedByInterruptException;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A part of a fiber's code that can be stopped from outside, by time or by an {@link AbortSource}.
 * A fiber is in as many of them as are nested; they form a list from the innermost outwards.
 *
 * <p>To stop one is to interrupt its fiber, once. Which scope it was is written here before, so
 * that {@link #deliver} can tell it from {@link Fiber#cancel} and from an interrupt by somebody
 * else, and so that only the scope's own boundary turns it into the exception that its caller
 * handles. What is cancelled further outside wins: first the fiber, then the outermost scope.
 *
 * <p>One request is one exception. A scope that is left before its own was thrown takes the
 * interrupt back.
 *
 * <p><b>Ownership:</b> confined to its shard; {@link #call} to the thread that made it, which may
 * be a virtual thread that is no {@link Fiber}.
 */
abstract class CancelScope extends Timer {
    /** The innermost scopes of virtual threads that are no fibers. */
    private static final ShardLocal<Map<Thread, CancelScope>> OF_PLAIN_THREADS =
            new ShardLocal<>(reactor -> new IdentityHashMap<>());

    private final Reactor reactor = Reactor.current();
    private final Thread thread = Thread.currentThread();
    private final Fiber<?> fiber = Fiber.of(thread); // which does not count as asked for

    /** The scope around this one; null for none. */
    private CancelScope outer;

    private boolean inside;
    private boolean expired;

    /** Whether it has expired and nothing was thrown for it yet. */
    private boolean pending;

    Reactor reactor() {
        return reactor;
    }

    /** Begins to watch for what ends the scope, which may have happened already. */
    abstract void watch();

    /** Ends that; what it watched for may have happened. */
    abstract void unwatch();

    /** What the caller of the boundary gets; {@code stopped} says where the work stood. */
    abstract RuntimeException outcome(FiberCancelledException stopped);

    /** Why it was stopped, for messages. */
    abstract String reason();

    /** Runs {@code body} inside the scope. */
    final <T, X extends Exception> T call(FiberCall<T, X> body) throws X {
        enter();
        try {
            return body.call();
        } catch (FiberCancelledException e) {
            throw e.origin() == this ? outcome(e) : e;
        } catch (Exception e) {
            throwIfInterrupted(e);
            throw e;
        } finally {
            leave();
        }
    }

    /** Stops the fiber, if it is still in here. On the shard. */
    final void expire() {
        if (!inside || expired) {
            return;
        }
        expired = true;
        if (thread.isInterrupted() && !isPendingFrom(innermost(reactor, thread, fiber))) {
            return; // somebody outside of all scopes has stopped it already
        }
        pending = true;
        thread.interrupt();
    }

    /**
     * The exception for an operation that found the calling thread interrupted; the interrupt
     * status is clear.
     */
    static FiberCancelledException deliver(Object what) {
        Thread thread = Thread.currentThread();
        String name =
                (thread.isVirtual() ? "fiber '" : "thread '")
                        + thread.getName()
                        + "' cancelled in "
                        + what;
        Reactor reactor = Reactor.currentOrNull();
        if (reactor == null || !thread.isVirtual()) {
            return new FiberCancelledException(name);
        }
        Fiber<?> fiber = Fiber.of(thread);
        CancelScope outermost = null;
        for (CancelScope s = innermost(reactor, thread, fiber); s != null; s = s.outer) {
            if (s.pending) {
                s.pending = false;
                outermost = s;
            }
        }
        CancelRequest request = fiber == null ? null : fiber.takeCancelRequest();
        if (request != null) {
            return new FiberCancelledException(
                    request.reason.isEmpty() ? name : name + ": " + request.reason);
        }
        return outermost == null
                ? new FiberCancelledException(name)
                : new FiberCancelledException(name + ": " + outermost.reason(), outermost);
    }

    private void enter() {
        assert thread == Thread.currentThread();
        if (fiber != null) {
            fiber.forgetConsumedCancelRequest();
        }
        outer = innermost(reactor, thread, fiber);
        setInnermost(this);
        inside = true;
        watch();
    }

    private void leave() {
        assert innermost(reactor, thread, fiber) == this : "left in another order";
        inside = false;
        unwatch();
        setInnermost(outer);
        if (pending) {
            pending = false;
            takeBackInterrupt();
        }
    }

    private void takeBackInterrupt() {
        if (isPendingFrom(outer)) {
            return;
        }
        Thread.interrupted();
        // Looked at after the status was cleared: a request that comes from here on sets it again.
        if (fiber != null && fiber.hasCancelRequest()) {
            thread.interrupt();
        }
    }

    /** The JDK's blocking code says in its own way that it was interrupted. */
    private void throwIfInterrupted(Exception e) {
        boolean interrupt =
                e instanceof InterruptedException || e instanceof ClosedByInterruptException;
        if (!interrupt || !isPendingFrom(this)) {
            return;
        }
        Thread.interrupted();
        FiberCancelledException cancelled = deliver(e.getClass().getSimpleName());
        cancelled.initCause(e);
        throw cancelled.origin() == this ? outcome(cancelled) : cancelled;
    }

    private static boolean isPendingFrom(CancelScope scope) {
        for (CancelScope s = scope; s != null; s = s.outer) {
            if (s.pending) {
                return true;
            }
        }
        return false;
    }

    private static CancelScope innermost(Reactor reactor, Thread thread, Fiber<?> fiber) {
        return fiber != null ? fiber.innermost : OF_PLAIN_THREADS.get(reactor).get(thread);
    }

    private void setInnermost(CancelScope scope) {
        if (fiber != null) {
            fiber.innermost = scope;
        } else if (scope == null) {
            OF_PLAIN_THREADS.get(reactor).remove(thread);
        } else {
            OF_PLAIN_THREADS.get(reactor).put(thread, scope);
        }
    }

    @Override
    protected final void onExpiry() {
        expire();
    }
}
