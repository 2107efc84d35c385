package io.byssus.runtime.fiber;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread of execution that stays on its shard: a virtual thread whose scheduler is the shard.
 *
 * <p>It runs until it parks (in an operation of this runtime, or in one of the JDK: locks, queues,
 * sleep, sockets), yields or ends; no other fiber of the shard runs meanwhile, so data that only
 * this shard touches needs no lock between two parking points.
 *
 * <p>A failure that nobody joins is logged with the fiber's name and shard.
 *
 * <p><b>Ownership:</b> started on the current shard; {@link #join} and {@link #cancel} from any
 * thread.
 *
 * @param <T> the type of the result
 */
public final class Fiber<T> extends Locals implements Awaited {
    private enum State {
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    private final FiberScheduler scheduler;
    private final Thread thread;

    /** Null once it has run, so that what it captured can go. */
    private Callable<T> body;

    // Written by the fiber as it ends; others read them after they have joined its thread.
    private State state = State.RUNNING;
    private T result;
    private Throwable failure;

    /** Set by any thread that has been given the outcome. */
    private volatile boolean joined;

    /** Its own code has asked for this object. On the fiber. */
    private boolean exposed;

    /** Fibers of this shard that wait for the end; null when there are none. */
    private ArrayDeque<Thread> joiners;

    /** A fiber of another shard that this one joins, by the JDK's means; or null. For dumps. */
    private Fiber<?> joins;

    /** The cancellation that no operation has thrown yet; null for none. */
    private volatile CancelRequest cancelRequest;

    /** The innermost part of its code that can be stopped alone; null for none. */
    CancelScope innermost;

    /** What it belongs to until it ends, and its neighbours there; null for none. */
    Scope scope;

    Fiber<?> nextInScope;
    Fiber<?> previousInScope;

    /** Neighbours in the shard's roster. */
    Fiber<?> nextLive;

    Fiber<?> previousLive;

    private Fiber(FiberScheduler scheduler, String name, Callable<T> body) {
        this.scheduler = scheduler;
        this.body = body;
        this.thread = scheduler.newThread(name, this::run);
        thread.setUncaughtExceptionHandler(new Identity(this));
    }

    /**
     * Starts a fiber on the current shard, in the caller's scheduling group. It first runs when the
     * caller parks, yields or ends.
     *
     * @param name for logs and dumps; need not be unique
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static Fiber<Void> start(String name, FiberTask task) {
        return start(name, withoutResult(task));
    }

    /** As {@link #start(String, FiberTask)}, for a body with a result. */
    public static <T> Fiber<T> start(String name, Callable<T> body) {
        return start(FiberScheduler.current(), name, body);
    }

    /**
     * Starts a fiber on the current shard, in {@code group}.
     *
     * @param name for logs and dumps; need not be unique
     * @throws IllegalStateException if the group is closed, or the caller is not on a shard
     */
    public static Fiber<Void> start(SchedulingGroup group, String name, FiberTask task) {
        return start(group, name, withoutResult(task));
    }

    /** As {@link #start(SchedulingGroup, String, FiberTask)}, for a body with a result. */
    public static <T> Fiber<T> start(SchedulingGroup group, String name, Callable<T> body) {
        group.requireOpen();
        return startOn(Reactor.current(), group, name, body);
    }

    /**
     * Runs {@code body} on a fiber of {@code group}, on the current shard, and parks until it has
     * ended. A caller that is in the group already runs it itself.
     *
     * <p>If the caller is stopped meanwhile (cancelled, or by a {@link Deadline} or an {@link
     * AbortSource} around the call), so is {@code body}, and the exception comes when that has
     * ended: it never outlives the call. What it returns then is dropped.
     *
     * @return what {@code body} returned
     * @throws Exception what {@code body} threw
     * @throws FiberCancelledException if the caller is stopped meanwhile, or somebody has cancelled
     *     {@code body}'s fiber
     * @throws IllegalStateException if the group is closed, or the caller is not on a shard
     */
    public static <T> T call(SchedulingGroup group, Callable<T> body) throws Exception {
        group.requireOpen();
        if (Reactor.current().currentQueue().group() == group) {
            return body.call();
        }
        try (Scope scope = Scope.open("Fiber.call")) {
            return scope.start(group, Thread.currentThread().getName(), body).join();
        } catch (FiberFailedException e) {
            throw Thrown.exception(e.getCause());
        }
    }

    private static Callable<Void> withoutResult(FiberTask task) {
        return () -> {
            task.run();
            return null;
        };
    }

    /**
     * Starts a fiber on {@code reactor}'s shard, in the group that runs there, or else the main
     * group; for the runtime, on that shard's carrier.
     */
    public static <T> Fiber<T> startOn(Reactor reactor, String name, Callable<T> body) {
        return start(FiberScheduler.of(reactor.currentQueue()), name, body);
    }

    /**
     * Starts a fiber on {@code reactor}'s shard, in {@code group} even if that is closed: what
     * lives in it comes to its own end. For the runtime, on that shard's carrier.
     */
    public static <T> Fiber<T> startOn(
            Reactor reactor, SchedulingGroup group, String name, Callable<T> body) {
        return start(FiberScheduler.of(reactor.queueOf(group)), name, body);
    }

    /**
     * Runs {@code task} on a fiber of {@code group} on {@code reactor}'s shard, perhaps on one that
     * has run others before; for the runtime, on that shard's carrier.
     *
     * @param task throws nothing
     */
    public static void executeOn(Reactor reactor, SchedulingGroup group, Runnable task) {
        FiberScheduler.of(reactor.queueOf(group)).runners().execute(task);
    }

    /** Lets the fibers end that wait for {@link #executeOn}; as {@code reactor}'s shard stops. */
    public static void endIdleOn(Reactor reactor) {
        FiberScheduler.LOCAL.get(reactor).runners().close();
    }

    /** With the scheduler of whoever wanted it started. */
    static <T> Fiber<T> start(FiberScheduler scheduler, String name, Callable<T> body) {
        Fiber<T> fiber = new Fiber<>(scheduler, name, body);
        fiber.body = FiberContext.passOn(fiber, body);
        return start(fiber);
    }

    /** As {@link #start(FiberScheduler, String, Callable)}, with no context of the caller. */
    static <T> Fiber<T> startAfresh(FiberScheduler scheduler, String name, Callable<T> body) {
        return start(new Fiber<>(scheduler, name, body));
    }

    private static <T> Fiber<T> start(Fiber<T> fiber) {
        fiber.scheduler.reactor().counters().fibersStarted++;
        fiber.enterRoster();
        fiber.thread.start();
        fiber.cancelIfStopping();
        return fiber;
    }

    /** What begins while the shard cancels its fibers is cancelled, too. */
    void cancelIfStopping() {
        if (scheduler.roster().cancelsNewcomers()) {
            cancel();
        }
    }

    /** From now on it counts as live. */
    void enterRoster() {
        scheduler.queue().fiberStarted();
        scheduler.reactor().counters().fibersLive++;
        scheduler.roster().add(this);
    }

    /** It has ended, or has nothing to do. */
    void leaveRoster() {
        scheduler.queue().fiberEnded();
        scheduler.reactor().counters().fibersLive--;
        scheduler.roster().remove(this);
    }

    /**
     * Lets the other fibers run that are ready now: those of its group before this one goes on,
     * those of other groups as their shares have it. With none, it goes on at once.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static void yield() {
        Reactor.current(); // or a sentence
        Thread.yield();
    }

    /**
     * Lets the shard's other fibers, its I/O and its timers have a turn, if the shard has run
     * fibers for its task quota since it last did so. Costs about two nanoseconds when it has not.
     * For loops that compute.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static void yieldIfNeeded() {
        if (Reactor.current().countStep()) {
            Thread.yield();
        }
    }

    /**
     * Parks the calling fiber for {@code duration} of its shard's clock.
     *
     * @throws FiberCancelledException if it is cancelled meanwhile
     * @throws IllegalArgumentException if {@code duration} is negative
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static void sleep(Duration duration) {
        Reactor reactor = Reactor.current();
        long deadlineNanos = Deadline.nanosAfter(reactor, Deadline.nanos(duration));
        new WaitPoint().await(reactor, deadlineNanos, WaitPoint.Cancellation.HEEDED, "Fiber.sleep");
    }

    /**
     * The fiber that calls.
     *
     * @throws IllegalStateException if the caller is no fiber; a virtual thread that a fiber has
     *     started by other means than {@link #start} is none, even though it runs on the shard
     */
    public static Fiber<?> current() {
        Fiber<?> fiber = currentOrNull();
        if (fiber == null) {
            throw new IllegalStateException(
                    "not a fiber: thread '" + Thread.currentThread().getName() + "'");
        }
        return fiber;
    }

    /** As {@link #current}, or null when the caller is no fiber. */
    public static Fiber<?> currentOrNull() {
        Fiber<?> fiber = of(Thread.currentThread());
        if (fiber != null) {
            fiber.exposed = true;
        }
        return fiber;
    }

    /** The live fiber whose virtual thread is {@code thread}, or null. From any thread. */
    public static Fiber<?> of(Thread thread) {
        return thread.getUncaughtExceptionHandler() instanceof Identity identity
                ? identity.fiber
                : null;
    }

    /**
     * What {@code thread} is parked for, perhaps an {@link Awaited}; null if it is not parked, or
     * says nothing. From any thread.
     */
    public static Object blockerOf(Thread thread) {
        Fiber<?> fiber = of(thread);
        Fiber<?> joined = fiber == null ? null : fiber.joins;
        return joined != null ? joined : LockSupport.getBlocker(thread);
    }

    /** The fibers of {@code reactor}'s shard that have not ended; on that shard. */
    public static List<Fiber<?>> liveOn(Reactor reactor) {
        return FiberScheduler.LOCAL.get(reactor).roster().snapshot();
    }

    /**
     * As {@link #liveOn}, from any thread: for a shard that does not answer because a fiber holds
     * it. If it does go on meanwhile, some may be missing and some have ended.
     */
    public static List<Fiber<?>> seenOn(Reactor reactor) {
        FiberScheduler scheduler = FiberScheduler.LOCAL.getOrNull(reactor);
        return scheduler == null ? List.of() : scheduler.roster().seenFromOutside();
    }

    /**
     * Cancels the fibers of {@code reactor}'s shard, and each that starts from now on: one that was
     * about to park no more may be starting its successor. On that shard; for the runtime, as it
     * stops.
     */
    public static void cancelAllOn(Reactor reactor) {
        FiberScheduler.LOCAL.get(reactor).roster().cancelAll();
    }

    /**
     * Runs {@code action} on {@code reactor}'s shard as soon as it has no live fiber: now, or when
     * the last one ends. On that shard; for the runtime, as it stops.
     */
    public static void whenNoneIsLive(Reactor reactor, Runnable action) {
        FiberScheduler.LOCAL.get(reactor).roster().whenEmpty(action);
    }

    /** Reports what failed on {@code reactor}'s shard and was not joined; for the runtime. */
    public static void reportUnjoinedFailures(Reactor reactor) {
        FiberScheduler.LOCAL.get(reactor).unjoinedFailures().reportAll();
    }

    /** As it was given; for logs and dumps. */
    public String name() {
        return thread.getName();
    }

    /** The number of its shard. */
    public int shard() {
        return scheduler.reactor().shard();
    }

    /** The scheduling group that it runs in, from its start to its end. */
    public SchedulingGroup group() {
        return scheduler.queue().group();
    }

    /** The virtual thread underneath. */
    public Thread thread() {
        return thread;
    }

    /** Whether it has ended. On its shard; from elsewhere the answer may be late. */
    public boolean isDone() {
        return state != State.RUNNING;
    }

    /**
     * Parks until the fiber has ended.
     *
     * @return its result; null for one without
     * @throws FiberFailedException if it ended in an exception
     * @throws FiberCancelledException if it was cancelled, or if the caller is
     */
    public T join() {
        if (scheduler.reactor().isCurrent()) {
            joinHere();
        } else {
            joinElsewhere();
        }
        joined = true;
        return switch (state) {
            case SUCCEEDED -> result;
            case FAILED -> throw new FiberFailedException(toString(), failure);
            case CANCELLED -> throw new FiberCancelledException(this + " was cancelled");
            case RUNNING -> throw new AssertionError("joined while it runs");
        };
    }

    /**
     * Asks the fiber to stop: the operation it is parked in, or the next one that would park,
     * throws {@link FiberCancelledException}, once. Does not wait.
     */
    public void cancel() {
        cancel("");
    }

    /** As {@link #cancel()}; {@code reason} is for the message. */
    void cancel(String reason) {
        CancelRequest request = new CancelRequest(reason);
        cancelRequest = request;
        thread.interrupt();
        request.sent = true;
    }

    boolean hasCancelRequest() {
        return cancelRequest != null;
    }

    /**
     * The request that is delivered now, or null. If its interrupt is still on the way, there will
     * be a second exception, as if it had been cancelled twice.
     */
    CancelRequest takeCancelRequest() {
        CancelRequest request = cancelRequest;
        cancelRequest = null;
        return request;
    }

    /** Forgets a request that the JDK's blocking code has thrown. By the fiber itself. */
    void forgetConsumedCancelRequest() {
        CancelRequest request = cancelRequest;
        if (request != null && request.sent && !thread.isInterrupted()) {
            cancelRequest = null;
        }
    }

    private void joinHere() {
        if (isDone()) {
            return;
        }
        if (joiners == null) {
            joiners = new ArrayDeque<>(1);
        }
        Thread self = Thread.currentThread();
        if (self == thread) {
            throw new IllegalStateException(this + " joins itself");
        }
        joiners.add(self);
        while (!isDone()) {
            LockSupport.park(this);
            if (!isDone() && Thread.interrupted()) {
                joiners.remove(self);
                throw Cancellations.exception("join of " + this);
            }
        }
    }

    private void joinElsewhere() {
        Fiber<?> self = of(Thread.currentThread());
        if (self != null) {
            self.joins = this;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw Cancellations.exception("join of " + this);
        } finally {
            if (self != null) {
                self.joins = null;
            }
        }
    }

    private void run() {
        try {
            result = body.call();
            state = State.SUCCEEDED;
        } catch (FiberCancelledException | InterruptedException e) {
            state = State.CANCELLED;
            scheduler.unjoinedFailures().reportHidden(this, e);
        } catch (Throwable e) {
            failure = e;
            state = State.FAILED;
        } finally {
            finish();
        }
    }

    private void finish() {
        body = null;
        Thread.interrupted();
        leaveRoster();
        if (state == State.FAILED) {
            scheduler.reactor().counters().fibersFailed++;
            if (scope == null) {
                scheduler.unjoinedFailures().add(this);
            }
        }
        if (scope != null) {
            scope.ended(this);
        }
        if (joiners != null) {
            joiners.forEach(LockSupport::unpark);
            joiners = null;
        }
    }

    /** One of the tasks that it runs has ended, and the next knows nothing of it. */
    void forgetTask() {
        assert innermost == null : "left inside of " + innermost;
        cancelRequest = null;
        forgetLocals();
    }

    /** Whether its own code may have kept it. */
    boolean isExposed() {
        return exposed;
    }

    boolean isJoined() {
        return joined;
    }

    Throwable failure() {
        return failure;
    }

    boolean hasFailed() {
        return state == State.FAILED;
    }

    boolean hasSucceeded() {
        return state == State.SUCCEEDED;
    }

    /** A joiner waits for this fiber alone. */
    @Override
    public List<Thread> holders() {
        return List.of(thread);
    }

    @Override
    public String toString() {
        return "fiber '" + name() + "' on shard " + shard();
    }

    /**
     * Leads from a virtual thread to its fiber, through the one field of a thread that is ours to
     * set, cheap to read and of no other use: no exception leaves {@link #run}.
     */
    private record Identity(Fiber<?> fiber) implements Thread.UncaughtExceptionHandler {
        @Override
        public void uncaughtException(Thread thread, Throwable exception) {
            ShardLog.error(fiber + ": an exception outside its body", exception);
        }
    }
}
