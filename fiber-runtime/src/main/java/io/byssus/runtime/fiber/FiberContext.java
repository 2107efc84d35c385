package io.byssus.runtime.fiber;

import java.util.concurrent.Callable;

/**
 * What a piece of work takes along when it goes on elsewhere: the inherited {@link FiberLocal}s of
 * the fiber that asked for it, and the thread-locals that are registered with Micrometer's <a
 * href="https://docs.micrometer.io/context-propagation/reference/">context propagation</a>, such as
 * the MDC of a logging library.
 *
 * <p>{@link Fiber#start}, {@link Timers}, calls to other shards and {@link Blocking#call} do this
 * by themselves. It is for executors and threads of other libraries:
 *
 * <pre>{@code
 * executor.submit(FiberContext.capture().wrap(() -> query(statement)));
 * }</pre>
 *
 * <p>Thread-locals are carried if {@code io.micrometer:context-propagation} is on the class path
 * and the program has registered accessors for them. Without that library there is nothing to pay.
 *
 * <p><b>Ownership:</b> immutable; any thread.
 */
public final class FiberContext {
    private static final FiberContext NOTHING = new FiberContext(Locals.NONE, null);

    private final Object[] carried;

    /** Null for none. */
    private final CarriedThreadLocals threadLocals;

    private FiberContext(Object[] carried, CarriedThreadLocals threadLocals) {
        this.carried = carried;
        this.threadLocals = threadLocals;
    }

    /** What the calling fiber, or other thread, would take along at this moment. */
    public static FiberContext capture() {
        Object[] carried = Locals.current().carried;
        CarriedThreadLocals threadLocals = CarriedThreadLocals.capture();
        return carried == Locals.NONE && threadLocals == null
                ? NOTHING
                : new FiberContext(carried, threadLocals);
    }

    /**
     * Runs {@code body} with it, here and now. Then the calling fiber, or other thread, has its own
     * values back, whatever {@code body} has set. A thread-local that had no value when this was
     * captured keeps the one that it has here.
     *
     * @return what {@code body} returned
     * @throws Exception what {@code body} threw
     */
    public <T> T call(Callable<T> body) throws Exception {
        Locals locals = Locals.current();
        Object[] before = locals.carried;
        locals.carried = carried;
        try {
            return threadLocals == null ? body.call() : threadLocals.call(body);
        } finally {
            locals.carried = before;
        }
    }

    /** As {@link #call}, for a body without a result. */
    public void run(FiberTask body) throws Exception {
        Object ignored =
                call(() -> {
                    body.run();
                    return null;
                });
        assert ignored == null;
    }

    /** {@code body}, to be called anywhere, and there to run as {@link #call} does. */
    public <T> Callable<T> wrap(Callable<T> body) {
        return () -> call(body);
    }

    /**
     * As {@link #wrap}, for a fiber that has no values of its own and runs {@code body} alone: with
     * nothing to take along, it is {@code body} itself.
     */
    public <T> Callable<T> wrapForFiber(Callable<T> body) {
        return this == NOTHING ? body : wrap(body);
    }

    /** {@code body}, to be run later by fibers that have what the caller would take along. */
    static FiberTask passOnLater(FiberTask body) {
        if (!Thread.currentThread().isVirtual()) {
            return body; // a carrier has nothing of its own
        }
        FiberContext context = capture();
        return context == NOTHING ? body : () -> context.run(body);
    }

    /**
     * Gives {@code child}, which has not run, what the fiber that starts it would take along.
     *
     * @return what the child is to run
     */
    static <T> Callable<T> passOn(Fiber<T> child, Callable<T> body) {
        if (!Thread.currentThread().isVirtual()) {
            return body; // a carrier has nothing of its own
        }
        child.carried = Locals.current().carried;
        CarriedThreadLocals threadLocals = CarriedThreadLocals.capture();
        return threadLocals == null ? body : () -> threadLocals.call(body);
    }
}
