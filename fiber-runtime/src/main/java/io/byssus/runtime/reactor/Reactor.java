package io.byssus.runtime.reactor;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.runtime.queue.SleepCompanion;
import io.byssus.runtime.queue.WakeSignal;
import io.byssus.runtime.time.Clock;
import io.byssus.runtime.time.Timer;
import io.byssus.runtime.time.TimerWheel;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/**
 * One shard's loop. A turn takes in what other threads and shards sent, runs the ready tasks until
 * there are none or the task quota is used up, fires timers, and looks for I/O; with nothing to run
 * it spins for a bounded time and then sleeps in the kernel.
 *
 * <p>Nothing in it takes a lock: a fiber could hold it while it waits for this very loop.
 *
 * <p><b>Ownership:</b> confined to the carrier that drives it, except {@link #execute}, {@link
 * #isCurrent}, {@link #stop}, the wake-ups, the counters, and what says "from any thread".
 */
public final class Reactor implements Home, Executor {
    /** Ends a turn under a clock that stands still, too. */
    private static final int TASKS_PER_TURN_MAX = 4096;

    /** Timers fired or moved between two readings of the clock. */
    private static final int TIMERS_PER_SLICE = 256;

    /** Ends the firing of a turn under a clock that stands still, too. */
    private static final int TIMER_SLICES_MAX = 16;

    private static final int REMOTE_CHUNK = 256;
    private static final int REMOTE_BATCH_MAX = 1024;
    private static final int LOCALS_INITIAL = 16;

    /** How often an idle shard looks for messages between two system calls that look for I/O. */
    private static final int LOOKS_PER_POLL = 8;

    private final int shard;
    private final Clock clock;
    private final ReactorBackend backend;
    private final long idlePollNanos;
    private final long taskQuotaNanos;
    private final MpscUnboundedVarHandleArrayQueue<Runnable> remote =
            new MpscUnboundedVarHandleArrayQueue<>(REMOTE_CHUNK);
    private final WakeSignal wakeSignal = new WakeSignal();
    private final SleepCompanion companion = new SleepCompanion();
    private final TimerWheel timers;
    private final TaskQuota quota;
    private final GroupQueues groups;

    /** The main group's. */
    private final GroupQueue main;

    private final BufferPool buffers;
    private final ReactorCounters counters = new ReactorCounters();

    private MessageSource messages = NoMessages.INSTANCE;
    private Object[] locals = new Object[LOCALS_INITIAL];
    private volatile boolean stopped;

    /** What {@link #coarseNanoTime} answers for the rest of turn {@link #coarseTurn}. */
    private long coarseNanos;

    private long coarseTurn = -1;

    /** What {@link #run} is in at this moment, for those who look from outside; or null. */
    private Runnable running;

    /**
     * @param shard its number, for messages
     * @param backend closed by {@link #close}
     */
    public Reactor(int shard, Clock clock, ReactorBackend backend, ReactorOptions options) {
        this.shard = shard;
        this.clock = clock;
        this.backend = backend;
        this.idlePollNanos = options.idlePollNanos();
        this.taskQuotaNanos = options.taskQuotaNanos();
        this.timers = new TimerWheel(clock.nanoTime());
        this.quota = new TaskQuota(clock, options.taskQuotaNanos());
        this.buffers = new BufferPool(this, options.bufferMode(), options.bufferLimits());
        this.groups = new GroupQueues(this, clock);
        this.main = groups.main();
    }

    /**
     * The reactor of the calling fiber's shard.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static Reactor current() {
        Reactor reactor = Carrier.currentReactor();
        if (reactor == null) {
            throw new IllegalStateException(
                    "not on a shard: thread '"
                            + Thread.currentThread().getName()
                            + "' is not a fiber of a running Byssus");
        }
        return reactor;
    }

    /** As {@link #current}, or null when the caller is not on a shard. */
    public static Reactor currentOrNull() {
        return Carrier.currentReactor();
    }

    @Override
    public boolean isCurrent() {
        return Carrier.currentReactor() == this;
    }

    public int shard() {
        return shard;
    }

    public Clock clock() {
        return clock;
    }

    /**
     * The time of this turn of the loop: the clock's, as of the first call in the turn or of the
     * last reading for timers. It costs a comparison, and is behind by what the turn has lasted
     * since: the task quota at most, unless a fiber holds the shard for longer. Good for statistics
     * and rate limits; a time-out that counts from it could end early, so {@link #armAfter} is
     * there for these.
     */
    public long coarseNanoTime() {
        assert isCurrent();
        if (coarseTurn != counters.turns) {
            readCoarsely();
        }
        return coarseNanos;
    }

    private long readCoarsely() {
        coarseNanos = clock.nanoTime();
        coarseTurn = counters.turns;
        return coarseNanos;
    }

    public BufferPool buffers() {
        return buffers;
    }

    public ReactorBackend backend() {
        return backend;
    }

    public ReactorCounters counters() {
        return counters;
    }

    /** Tasks ready to run, of all groups. */
    public int runQueueLength() {
        return groups.size();
    }

    /** The scheduling groups that this shard knows, with their figures. From any thread. */
    public List<GroupQueue> groups() {
        return groups.known();
    }

    /** The queue of {@code group} on this shard, made if there is none yet. On the shard. */
    public GroupQueue queueOf(SchedulingGroup group) {
        return groups.of(group);
    }

    /** The queue of the task that runs; between tasks, the main group's. On the shard. */
    public GroupQueue currentQueue() {
        GroupQueue queue = groups.running();
        return queue == null ? main : queue;
    }

    /**
     * The task that runs at this moment, or null. Another thread may read it, as it may the
     * counters: as long as {@link ReactorCounters#tasks} does not change, it is the same run.
     */
    public Runnable running() {
        return running;
    }

    /**
     * The group whose slice it is at this moment, or null. Another thread may read it; to know that
     * it belongs to {@link #running}, read {@link ReactorCounters#tasks} before and after.
     */
    public SchedulingGroup runningGroup() {
        GroupQueue queue = groups.running();
        return queue == null ? null : queue.group();
    }

    /** Whether the carrier sleeps in the kernel, or is about to. From any thread. */
    public boolean isAsleep() {
        return wakeSignal.isSleeping();
    }

    /**
     * Has {@code thread} unparked once, when this shard next wakes: for the one thread that looks
     * at it from outside and would sleep with it. It looks at {@link #isAsleep} afterwards.
     */
    public void unparkOnWake(Thread thread) {
        companion.join(thread);
    }

    /** Adds {@code task} to the main group's. From any thread; never throws, never waits. */
    @Override
    public void execute(Runnable task) {
        main.execute(task);
    }

    /** Adds {@code task} to those of {@code queue}; from any other thread than the carrier. */
    void executeRemotely(GroupQueue queue, Runnable task) {
        remote.offer(queue == main ? task : new RemoteTask(queue, task));
        wakeIfAsleep();
    }

    /** Wakes the carrier if it sleeps; after a message was offered to a {@link MessageSource}. */
    public void wakeIfAsleep() {
        if (wakeSignal.claimWake()) {
            backend.wake();
        }
    }

    /**
     * As {@link #wakeIfAsleep}, but without its fence: it may not see a carrier that goes to sleep
     * at this moment.
     *
     * @return whether the carrier is certain to see what was sent; else {@link #wakeIfAsleep} has
     *     to follow
     */
    public boolean wakeIfSeenAsleep() {
        if (!wakeSignal.isSeenAsleep()) {
            return false;
        }
        wakeIfAsleep();
        return true;
    }

    public void arm(Timer timer, long deadlineNanos) {
        assert isCurrent();
        timers.arm(timer, deadlineNanos);
    }

    /**
     * Arms {@code timer} for {@code durationNanos} from now, without a reading of the clock: it
     * counts from the end of this turn, so that it is never early, and late by the rest of the turn
     * beside what every timer may be late.
     */
    public void armAfter(Timer timer, long durationNanos) {
        assert isCurrent();
        timers.armAfter(timer, durationNanos);
    }

    public void cancel(Timer timer) {
        assert isCurrent();
        timers.cancel(timer);
    }

    public int armedTimers() {
        return timers.armedCount();
    }

    /** Where messages from other shards come from; before the first turn. */
    public void messages(MessageSource source) {
        messages = source;
    }

    /**
     * Counts an operation that could have parked but did not.
     *
     * @return whether the caller has held the shard for its quota and should yield
     */
    public boolean countOperation() {
        return quota.count();
    }

    /** As {@link #countOperation}, for a step of a loop that computes. */
    public boolean countStep() {
        return quota.countStep();
    }

    /** Drives the loop until {@link #stop}. */
    public void run() {
        while (!stopped) {
            turn(Wait.ALLOWED);
        }
    }

    /** Whether a turn with nothing to do may wait. */
    public enum Wait {
        ALLOWED,
        FORBIDDEN
    }

    /**
     * One pass of the loop. The calling thread must be a {@link Carrier}.
     *
     * @return false if there was nothing to do
     */
    public boolean turn(Wait wait) {
        ((Carrier) Thread.currentThread()).reactor = this;
        counters.turns++;
        boolean busy = takeRemote() > 0; // first, so that what came while it was idle runs at once
        busy |= messages.drain() > 0;
        busy |= runReady() > 0;
        messages.publish();
        busy |= fireTimers();
        if (!groups.isEmpty() || wait == Wait.FORBIDDEN || timers.isBehind()) {
            return backend.poll() > 0 || busy;
        }
        idle();
        return true;
    }

    /** Ends {@link #run} after the current turn. From any thread. */
    public void stop() {
        stopped = true;
        wakeIfAsleep();
    }

    /** Gives back the backend and the free buffers. After the last turn. */
    public void close() {
        groups.close();
        buffers.close();
        backend.close();
    }

    /** Runs slices of the groups, in their order, until nothing is ready or the quota used up. */
    private int runReady() {
        quota.begin();
        groups.beginTurn();
        long first = counters.tasks;
        long end = first + TASKS_PER_TURN_MAX;
        boolean usedUp = false;
        GroupQueue queue;
        while (!usedUp && (queue = groups.beginSlice()) != null) {
            usedUp = runSlice(queue, end);
            groups.endSlice();
        }
        running = null;
        return (int) (counters.tasks - first);
    }

    /**
     * Runs tasks of {@code queue} until there are none, or the quota is used up, or {@code end} are
     * counted.
     *
     * @return whether the turn is over
     */
    private boolean runSlice(GroupQueue queue, long end) {
        Runnable task;
        while ((task = queue.poll()) != null) {
            running = task;
            try {
                task.run();
            } catch (Throwable e) {
                ShardLog.error("shard " + shard + ": a task failed", e);
            }
            counters.tasks++;
            if (quota.count() || counters.tasks == end) {
                counters.quotaEnds++;
                return true;
            }
        }
        return false;
    }

    private int takeRemote() {
        int count = 0;
        Runnable task;
        while (count < REMOTE_BATCH_MAX && (task = remote.relaxedPoll()) != null) {
            if (task instanceof RemoteTask inGroup) {
                inGroup.queue.offer(inGroup.task);
            } else {
                main.offer(task);
            }
            count++;
        }
        counters.remoteTasks += count;
        return count;
    }

    /** Fires timers for a task quota at most; what is left is the next turn's. */
    private boolean fireTimers() {
        if (timers.isEmpty()) {
            return false;
        }
        long start = readCoarsely();
        int fired = timers.advance(start, TIMERS_PER_SLICE);
        for (int slices = 1; timers.isBehind() && slices < TIMER_SLICES_MAX; slices++) {
            if (readCoarsely() - start >= taskQuotaNanos) {
                break;
            }
            fired += timers.advance(coarseNanos, TIMERS_PER_SLICE);
        }
        counters.timers += fired;
        return fired > 0 || timers.isBehind();
    }

    /** Nothing is ready: spin if told to, then sleep until something comes. */
    private void idle() {
        if (idlePollNanos > 0 && spin()) {
            return;
        }
        wakeSignal.announceSleep();
        boolean asleep = nothingWaits();
        if (asleep) {
            counters.sleeps++;
            sleep();
        }
        wakeSignal.awake();
        companion.awake();
        if (!asleep) {
            backend.poll(); // what comes last, a stop too, does not keep a turn from its I/O
        }
    }

    private void sleep() {
        if (timers.isEmpty()) {
            backend.await(ReactorBackend.NO_TIMEOUT);
            return;
        }
        long timeoutNanos = timers.nextDeadlineNanos() - clock.nanoTime();
        if (timeoutNanos > 0) {
            backend.await(timeoutNanos);
        } else {
            backend.poll();
        }
    }

    /** Polls until something comes or the idle-poll time is over; true if something came. */
    private boolean spin() {
        long end = clock.nanoTime() + idlePollNanos;
        long timer = timers.nextDeadlineNanos();
        long now;
        do {
            if (backend.poll() > 0 || !nothingWaits()) {
                return true;
            }
            for (int looks = 0; looks < LOOKS_PER_POLL; looks++) {
                Thread.onSpinWait();
                if (!nothingWaits()) {
                    return true;
                }
            }
            now = clock.nanoTime();
        } while (now < end && now < timer);
        return now >= timer;
    }

    private boolean nothingWaits() {
        return remote.isEmpty() && messages.isEmpty() && !stopped;
    }

    Object local(int index) {
        return index < locals.length ? locals[index] : null;
    }

    void local(int index, Object value) {
        assert isCurrent() || counters.turns == 0 : "another shard's variable";
        if (index >= locals.length) {
            locals = Arrays.copyOf(locals, Math.max(index + 1, locals.length * 2));
        }
        locals[index] = value;
    }

    /** A task of another group than the main one, on its way from another thread. */
    private record RemoteTask(GroupQueue queue, Runnable task) implements Runnable {
        @Override
        public void run() {
            throw new AssertionError("unpacked when it arrives");
        }
    }

    @Override
    public String toString() {
        return "shard " + shard;
    }

    private enum NoMessages implements MessageSource {
        INSTANCE;

        @Override
        public int drain() {
            return 0;
        }

        @Override
        public boolean isEmpty() {
            return true;
        }
    }
}
