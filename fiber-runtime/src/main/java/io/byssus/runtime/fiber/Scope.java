package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.time.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Fibers that belong to a block of code: none of them outlives it. Whoever opens the scope owns it,
 * starts fibers in it, and waits for them with {@link #join}; {@link #close} cancels what still
 * runs and waits until it has ended, also when the owner itself is cancelled.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open("page")) {
 *     Fiber<User> user = scope.start("user", () -> findUser(id));
 *     Fiber<Cart> cart = scope.start("cart", () -> findCart(id));
 *     scope.join();                               // throws if one of them failed
 *     return page(user.join(), cart.join());
 * }
 * }</pre>
 *
 * <p>Its failures are thrown by {@link #join}, or else by {@link #close}, and are not logged as
 * those of fibers that nobody joined. A child that somebody cancelled has not failed.
 *
 * <p>Neither policy nor deadline stops what the owner itself does outside of {@link #join}: let it
 * start and join only, or put the whole block under {@link Deadline#call}, which reaches both.
 *
 * <p><b>Ownership:</b> the thread that opened it, on its shard; a virtual thread that is no {@link
 * Fiber} may own one too.
 */
public final class Scope implements AutoCloseable, Awaited {
    /** Failures beyond these are only counted. */
    private static final int FAILURES_MAX = 16;

    /** When the other fibers of a scope are cancelled. */
    public enum Policy {
        /** As soon as one has failed. {@link Scope#join} throws that failure. */
        CANCEL_ON_FAILURE,
        /** Never. {@link Scope#join} throws the first failure when all have ended. */
        WAIT_FOR_ALL,
        /** As soon as one has returned. {@link Scope#join} throws only if none has. */
        FIRST_SUCCESS,
        /** As soon as one has ended, in whatever way. {@link Scope#first} is that one. */
        FIRST_END
    }

    private final String name;
    private final Policy policy;
    private final Deadline deadline;
    private final Reactor reactor = Reactor.current();
    private final Thread owner = Thread.currentThread();
    private final WaitPoint ended = new WaitPoint();

    /** Null without a deadline. */
    private final Timer timer;

    // The fibers that have not ended, in the order of their starts.
    private Fiber<?> oldest;
    private Fiber<?> youngest;
    private int live;
    private int started;

    /** The owner is to be woken when so many are left. */
    private int wakeAt;

    private final List<Fiber<?>> failures = new ArrayList<>(0);

    /** Failures that are not in the list because it was full. */
    private int moreFailures;

    /** How many of the list a join has thrown. */
    private int reported;

    /** The fiber whose end decided, under a policy that asks for one; null before. */
    private Fiber<?> first;

    /** Why all are cancelled, as are those that start later; null while they are not. */
    private String cancelReason;

    private boolean deadlinePassed;

    /** Whether that has cancelled something. */
    private boolean deadlineExceeded;

    private boolean closed;

    private Scope(String name, Policy policy, Deadline deadline) {
        this.name = name;
        this.policy = policy;
        this.deadline = deadline;
        this.timer = deadline.nanos() == Long.MAX_VALUE ? null : new DeadlineTimer(this);
        if (timer != null) {
            reactor.arm(timer, deadline.nanos());
        }
    }

    /** Opens a scope on the current shard in which the first failure cancels the rest. */
    public static Scope open(String name) {
        return open(name, Policy.CANCEL_ON_FAILURE);
    }

    /** Opens a scope on the current shard. */
    public static Scope open(String name, Policy policy) {
        return open(name, policy, Deadline.NONE);
    }

    /**
     * Opens a scope on the current shard whose fibers are cancelled when {@code deadline} passes.
     *
     * @param name for messages and dumps; need not be unique
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static Scope open(String name, Policy policy, Deadline deadline) {
        return new Scope(name, policy, deadline);
    }

    /**
     * Starts a fiber that belongs to this scope. It first runs when the caller parks, yields or
     * ends. If the scope is cancelled already, so is the fiber.
     *
     * @throws IllegalStateException if the caller does not own the scope, or it is closed
     */
    public Fiber<Void> start(String fiberName, FiberTask task) {
        return start(
                fiberName,
                () -> {
                    task.run();
                    return null;
                });
    }

    /** As {@link #start(String, FiberTask)}, for a body with a result. */
    public <T> Fiber<T> start(String fiberName, Callable<T> body) {
        requireUsable();
        return adopt(Fiber.start(fiberName, body));
    }

    /**
     * As {@link #start(String, Callable)}, in {@code group}.
     *
     * @throws IllegalStateException also if the group is closed
     */
    public <T> Fiber<T> start(SchedulingGroup group, String fiberName, Callable<T> body) {
        requireUsable();
        return adopt(Fiber.start(group, fiberName, body));
    }

    /**
     * Parks until every fiber of the scope has ended, those that were cancelled included.
     *
     * @throws FiberFailedException if the policy makes a failure the scope's; of the first one, the
     *     others are suppressed in it (the first sixteen of them)
     * @throws DeadlineExceededException if the deadline has cancelled fibers
     * @throws FiberCancelledException if the caller is cancelled; what runs is left to {@link
     *     #close}. Also if success was asked for and every fiber was cancelled
     * @throws IllegalStateException if the caller does not own the scope, or it is closed, or asks
     *     for the first of no fibers
     */
    public void join() {
        requireUsable();
        if (started == 0 && wantsFirst()) {
            throw new IllegalStateException(this + " has started nothing");
        }
        awaitAtMost(0);
        reported = failures.size();
        if (deadlineExceeded) {
            throw deadlineExceeded();
        }
        if (first != null) {
            return;
        }
        throwFailures(failures);
        if (wantsFirst()) {
            throw new FiberCancelledException(
                    "no fiber of scope '" + name + "' succeeded, all were cancelled");
        }
    }

    /**
     * The fiber that decided: the first to succeed or to end, after {@link #join}.
     *
     * @throws IllegalStateException if no fiber has, or the policy asks for none
     */
    public Fiber<?> first() {
        if (first == null) {
            throw new IllegalStateException(this + " has no first, policy=" + policy);
        }
        return first;
    }

    /**
     * Cancels every fiber of the scope, and those that start from now on. Does not wait.
     *
     * @throws IllegalStateException if the caller does not own the scope, or it is closed
     */
    public void cancel() {
        requireUsable();
        cancelAll("scope '" + name + "' was cancelled");
    }

    /** Whether the scope's fibers have been cancelled, by whatever reason. */
    public boolean isCancelled() {
        return cancelReason != null;
    }

    /**
     * Cancels what still runs and waits until it has ended. That wait goes on if the caller is
     * cancelled, whose next operation that would park throws then.
     *
     * @throws FiberFailedException if fibers failed and no join has thrown that
     * @throws IllegalStateException if the caller does not own the scope, or it is closed already
     */
    @Override
    public void close() {
        requireUsable();
        closed = true;
        if (timer != null) {
            reactor.cancel(timer);
        }
        cancelAll("scope '" + name + "' was closed");
        wakeAt = 0;
        while (live > 0) {
            ended.await(reactor, Long.MAX_VALUE, WaitPoint.Cancellation.DEFERRED, this);
        }
        if (first == null || !first.hasSucceeded()) {
            throwFailures(unreported());
        }
    }

    /** Parks until one more fiber may start; false if none should any more. */
    boolean hasRoom(int concurrency) {
        awaitAtMost(concurrency - 1);
        return cancelReason == null;
    }

    private void awaitAtMost(int count) {
        wakeAt = count;
        while (live > count) {
            ended.await(this);
        }
    }

    private boolean wantsFirst() {
        return policy == Policy.FIRST_END || policy == Policy.FIRST_SUCCESS;
    }

    /** Takes a fiber that has just been started, and so cannot have ended. */
    private <T> Fiber<T> adopt(Fiber<T> fiber) {
        link(fiber);
        if (deadlinePassed && cancelReason == null) {
            exceedDeadline();
        } else if (cancelReason != null) {
            fiber.cancel(cancelReason);
        }
        return fiber;
    }

    private void link(Fiber<?> fiber) {
        fiber.scope = this;
        fiber.previousInScope = youngest;
        if (youngest == null) {
            oldest = fiber;
        } else {
            youngest.nextInScope = fiber;
        }
        youngest = fiber;
        live++;
        started++;
    }

    /** Called by each fiber of the scope as it ends. */
    void ended(Fiber<?> fiber) {
        assert fiber.scope == this;
        release(fiber);
        if (fiber.hasFailed()) {
            keepFailure(fiber);
        }
        if (first == null && cancelReason == null && decides(fiber)) {
            if (wantsFirst()) {
                first = fiber;
            }
            cancelAll(fiber + (fiber.hasFailed() ? " failed" : " was first"));
        }
        if (live <= wakeAt) {
            ended.signal();
        }
    }

    private boolean decides(Fiber<?> fiber) {
        return switch (policy) {
            case CANCEL_ON_FAILURE -> fiber.hasFailed();
            case WAIT_FOR_ALL -> false;
            case FIRST_SUCCESS -> fiber.hasSucceeded();
            case FIRST_END -> true;
        };
    }

    private void release(Fiber<?> fiber) {
        if (fiber.previousInScope == null) {
            oldest = fiber.nextInScope;
        } else {
            fiber.previousInScope.nextInScope = fiber.nextInScope;
        }
        if (fiber.nextInScope == null) {
            youngest = fiber.previousInScope;
        } else {
            fiber.nextInScope.previousInScope = fiber.previousInScope;
        }
        fiber.nextInScope = null;
        fiber.previousInScope = null;
        fiber.scope = null;
        live--;
        assert live >= 0;
    }

    private void cancelAll(String reason) {
        if (cancelReason == null) {
            cancelReason = reason;
            for (Fiber<?> fiber = oldest; fiber != null; fiber = fiber.nextInScope) {
                fiber.cancel(reason);
            }
        }
    }

    private void deadlinePasses() {
        deadlinePassed = true;
        if (live > 0 && cancelReason == null) {
            exceedDeadline();
        }
    }

    private void exceedDeadline() {
        deadlineExceeded = true;
        cancelAll("the deadline of scope '" + name + "' has passed");
    }

    private DeadlineExceededException deadlineExceeded() {
        DeadlineExceededException exceeded =
                new DeadlineExceededException(
                        "the deadline of scope '" + name + "' has passed", deadline, null);
        failures.forEach(fiber -> exceeded.addSuppressed(fiber.failure()));
        return exceeded;
    }

    private void keepFailure(Fiber<?> fiber) {
        if (failures.size() < FAILURES_MAX) {
            failures.add(fiber);
        } else {
            moreFailures++;
        }
    }

    private List<Fiber<?>> unreported() {
        return failures.subList(reported, failures.size()).stream()
                .filter(fiber -> !fiber.isJoined())
                .toList();
    }

    private void throwFailures(List<Fiber<?>> fibers) {
        if (fibers.isEmpty()) {
            return;
        }
        Throwable cause = fibers.getFirst().failure();
        String more = moreFailures == 0 ? "" : " (and " + moreFailures + " more)";
        FiberFailedException failed = new FiberFailedException(fibers.getFirst() + more, cause);
        for (Fiber<?> fiber : fibers.subList(1, fibers.size())) {
            if (fiber.failure() != cause) {
                failed.addSuppressed(fiber.failure());
            }
        }
        throw failed;
    }

    private void requireUsable() {
        Thread caller = Thread.currentThread();
        if (caller != owner) {
            throw new IllegalStateException(
                    "scope '"
                            + name
                            + "' belongs to fiber '"
                            + owner.getName()
                            + "', used from '"
                            + caller.getName()
                            + "'");
        }
        if (closed) {
            throw new IllegalStateException("scope '" + name + "' is closed");
        }
    }

    /** The fibers that its owner waits for. */
    @Override
    public List<Thread> holders() {
        List<Thread> threads = new ArrayList<>();
        for (Fiber<?> fiber = oldest; fiber != null; fiber = fiber.nextInScope) {
            threads.add(fiber.thread());
        }
        return threads;
    }

    @Override
    public String toString() {
        return "scope '" + name + "' (" + live + " of " + started + " fibers live)";
    }

    /** Ends the scope's time. */
    private static final class DeadlineTimer extends Timer {
        private final Scope scope;

        DeadlineTimer(Scope scope) {
            this.scope = scope;
        }

        @Override
        protected void onExpiry() {
            scope.deadlinePasses();
        }
    }
}
