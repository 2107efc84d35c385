package io.byssus.runtime.reactor;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.runtime.queue.RunQueue;
import io.byssus.runtime.queue.SleepCompanion;
import io.byssus.runtime.queue.WakeSignal;
import io.byssus.runtime.time.Clock;
import io.byssus.runtime.time.Timer;
import io.byssus.runtime.time.TimerWheel;
import java.util.Arrays;
import java.util.concurrent.Executor;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/**
 * One shard's loop. A turn runs the ready tasks until there are none or the task quota is used up,
 * takes in what other threads and shards sent, fires timers, and looks for I/O; with nothing to run
 * it spins for a bounded time and then sleeps in the kernel.
 *
 * <p>Nothing in it takes a lock: a fiber could hold it while it waits for this very loop.
 *
 * <p><b>Ownership:</b> confined to the carrier that drives it, except {@link #execute}, {@link
 * #isCurrent}, {@link #stop} and the counters, which any thread may use.
 */
public final class Reactor implements Home, Executor {
    /** Ends a turn under a clock that stands still, too. */
    private static final int TASKS_PER_TURN_MAX = 4096;

    private static final int REMOTE_CHUNK = 256;
    private static final int REMOTE_BATCH_MAX = 1024;
    private static final int LOCALS_INITIAL = 16;

    private final int shard;
    private final Clock clock;
    private final ReactorBackend backend;
    private final long idlePollNanos;
    private final RunQueue ready = new RunQueue();
    private final MpscUnboundedVarHandleArrayQueue<Runnable> remote =
            new MpscUnboundedVarHandleArrayQueue<>(REMOTE_CHUNK);
    private final WakeSignal wakeSignal = new WakeSignal();
    private final SleepCompanion companion = new SleepCompanion();
    private final TimerWheel timers;
    private final TaskQuota quota;
    private final BufferPool buffers;
    private final ReactorCounters counters = new ReactorCounters();

    private MessageSource messages = NoMessages.INSTANCE;
    private Object[] locals = new Object[LOCALS_INITIAL];
    private volatile boolean stopped;

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
        this.timers = new TimerWheel(clock.nanoTime());
        this.quota = new TaskQuota(clock, options.taskQuotaNanos());
        this.buffers = new BufferPool(this, options.bufferMode());
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

    public BufferPool buffers() {
        return buffers;
    }

    public ReactorBackend backend() {
        return backend;
    }

    public ReactorCounters counters() {
        return counters;
    }

    /** Tasks ready to run. */
    public int runQueueLength() {
        return ready.size();
    }

    /**
     * The task that runs at this moment, or null. Another thread may read it, as it may the
     * counters: as long as {@link ReactorCounters#tasks} does not change, it is the same run.
     */
    public Runnable running() {
        return running;
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

    /** Adds {@code task} to the run queue. From any thread; never throws, never waits. */
    @Override
    public void execute(Runnable task) {
        if (isCurrent()) {
            ready.offer(task);
        } else {
            remote.offer(task);
            wakeIfAsleep();
        }
    }

    /** Wakes the carrier if it sleeps; after a message was offered to a {@link MessageSource}. */
    public void wakeIfAsleep() {
        if (wakeSignal.claimWake()) {
            backend.wake();
        }
    }

    public void arm(Timer timer, long deadlineNanos) {
        assert isCurrent();
        timers.arm(timer, deadlineNanos);
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
        boolean busy = runReady() > 0;
        busy |= takeRemote() > 0;
        busy |= messages.drain() > 0;
        busy |= fireTimers() > 0;
        if (!ready.isEmpty() || wait == Wait.FORBIDDEN) {
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
        buffers.close();
        backend.close();
    }

    private int runReady() {
        quota.begin();
        int count = 0;
        Runnable task;
        while ((task = ready.poll()) != null) {
            count++;
            running = task;
            try {
                task.run();
            } catch (Throwable e) {
                ShardLog.error("shard " + shard + ": a task failed", e);
            }
            counters.tasks++;
            if (quota.count() || count == TASKS_PER_TURN_MAX) {
                counters.quotaEnds++;
                break;
            }
        }
        running = null;
        return count;
    }

    private int takeRemote() {
        int count = 0;
        Runnable task;
        while (count < REMOTE_BATCH_MAX && (task = remote.relaxedPoll()) != null) {
            ready.offer(task);
            count++;
        }
        counters.remoteTasks += count;
        return count;
    }

    private int fireTimers() {
        if (timers.isEmpty()) {
            return 0;
        }
        int fired = timers.advance(clock.nanoTime());
        counters.timers += fired;
        return fired;
    }

    /** Nothing is ready: spin if told to, then sleep until something comes. */
    private void idle() {
        if (idlePollNanos > 0 && spin()) {
            return;
        }
        wakeSignal.announceSleep();
        if (nothingWaits()) {
            counters.sleeps++;
            sleep();
        }
        wakeSignal.awake();
        companion.awake();
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
            Thread.onSpinWait();
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
