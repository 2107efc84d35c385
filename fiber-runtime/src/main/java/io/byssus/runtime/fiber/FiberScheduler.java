package io.byssus.runtime.fiber;

import io.byssus.runtime.os.Loom;
import io.byssus.runtime.reactor.GroupQueue;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.reactor.ShardLocal;
import io.byssus.runtime.time.Timer;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The scheduler of one scheduling group's virtual threads on one shard: every continuation goes to
 * the group's run queue there. Virtual threads that a fiber starts inherit it, and so the group.
 *
 * <p>It is a {@link ForkJoinPool} by name only (it never has a worker): that is the one type that
 * the JDK asks for timers, so that every timed park of a fiber is a timer of the shard's own wheel.
 * It never rejects and never throws, because one exception here would end a JDK thread on which all
 * virtual threads of the process depend.
 *
 * <p><b>Ownership:</b> {@link #execute} from any thread; the rest on the shard.
 */
final class FiberScheduler extends ForkJoinPool {
    /** The main group's. */
    static final ShardLocal<FiberScheduler> LOCAL =
            new ShardLocal<>(reactor -> of(reactor.queueOf(SchedulingGroup.main())));

    /** Of the main group. Others keep none, so that nothing is left of a group that is over. */
    private static final int IDLE_RUNNERS_MAX = 128;

    private final Reactor reactor;
    private final GroupQueue queue;
    private final Thread.Builder.OfVirtual builder;
    private final FiberRoster roster;
    private final UnjoinedFailures unjoinedFailures;
    private final FiberRunners runners;

    private FiberScheduler(
            GroupQueue queue, FiberRoster roster, UnjoinedFailures failures, int idleRunnersMax) {
        super(1);
        this.reactor = queue.reactor();
        this.queue = queue;
        this.builder = Loom.newBuilder(this);
        this.roster = roster;
        this.unjoinedFailures = failures;
        this.runners = new FiberRunners(this, idleRunnersMax);
    }

    /** That of a group on a shard. On that shard. */
    static FiberScheduler of(GroupQueue queue) {
        Object known = queue.attachment();
        return known != null ? (FiberScheduler) known : make(queue);
    }

    private static FiberScheduler make(GroupQueue queue) {
        FiberScheduler scheduler;
        if (queue.group() == SchedulingGroup.main()) {
            scheduler =
                    new FiberScheduler(
                            queue,
                            new FiberRoster(),
                            new UnjoinedFailures(queue.reactor()),
                            IDLE_RUNNERS_MAX);
            LOCAL.set(queue.reactor(), scheduler); // a shutdown asks for it from outside
            BufferWaiting.install(queue.reactor());
        } else {
            FiberScheduler main = LOCAL.get(queue.reactor());
            scheduler = new FiberScheduler(queue, main.roster, main.unjoinedFailures, 0);
        }
        queue.attachment(scheduler);
        return scheduler;
    }

    /**
     * That of the calling fiber.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    static FiberScheduler current() {
        return of(Reactor.current().currentQueue());
    }

    Reactor reactor() {
        return reactor;
    }

    GroupQueue queue() {
        return queue;
    }

    /** Every group's fibers of the shard. */
    FiberRoster roster() {
        return roster;
    }

    /** Every group's, of the shard. */
    UnjoinedFailures unjoinedFailures() {
        return unjoinedFailures;
    }

    FiberRunners runners() {
        return runners;
    }

    /** A virtual thread of this shard, not started. */
    Thread newThread(String name, Runnable body) {
        assert reactor.isCurrent();
        return builder.name(name).unstarted(body);
    }

    @Override
    public void execute(Runnable continuation) {
        queue.execute(continuation);
    }

    /** A timed park: the JDK calls this on the carrier, as the fiber is unmounted. */
    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        ParkTimer timer = new ParkTimer(command, reactor);
        long deadlineNanos = Deadline.nanosAfter(reactor, Math.max(unit.toNanos(delay), 0));
        if (reactor.isCurrent()) {
            reactor.arm(timer, deadlineNanos);
        } else {
            reactor.execute(() -> reactor.arm(timer, deadlineNanos));
        }
        return timer;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("only the JDK's timed parks come here");
    }

    /** A timed park's timer, as the JDK wants to hold it. */
    private static final class ParkTimer extends Timer implements ScheduledFuture<Object> {
        private final Runnable command;
        private final Reactor reactor;

        ParkTimer(Runnable command, Reactor reactor) {
            this.command = command;
            this.reactor = reactor;
        }

        @Override
        protected void onExpiry() {
            command.run();
        }

        /** Called on the carrier when the fiber continues. */
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean armed = isArmed();
            reactor.cancel(this);
            return armed;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public boolean isDone() {
            return !isArmed();
        }

        @Override
        public Object get() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object get(long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long getDelay(TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int compareTo(Delayed other) {
            throw new UnsupportedOperationException();
        }
    }
}
