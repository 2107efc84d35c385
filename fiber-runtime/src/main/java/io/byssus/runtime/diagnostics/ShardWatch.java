package io.byssus.runtime.diagnostics;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The detector's view of one shard, a state machine that is stepped by samples:
 *
 * <pre>
 * FREE      nothing runs. A task is seen: HELD.
 * HELD      the same task is seen again and again. When that has been its own doing for longer than
 *           the threshold: STALLED, after its name is published and before its stack is asked for.
 *           When it ends: FREE, and if it took longer than the threshold, that was a pause.
 * STALLED   it is not told yet: its stack is on the way. It comes, or takes too long: TOLD.
 * TOLD      the stack may still come. When it ends: FREE.
 * </pre>
 *
 * That a task is the same is told by the reactor's count of tasks, which moves when one ends. The
 * shard does nothing for any of this.
 *
 * <p><b>Ownership:</b> confined to the sampler.
 */
final class ShardWatch {
    /** How long a report waits for its stack. */
    static final long STACK_PATIENCE_NANOS = 100_000_000;

    private enum State {
        FREE,
        HELD,
        STALLED,
        TOLD
    }

    private final Reactor reactor;
    private final Thread carrier;
    private final ShardStalls stalls;
    private final StallThreshold threshold;
    private final Executor stackTakers;
    private final HeldTime time;
    private final StallReports reports;
    private final ReportLimit limit = new ReportLimit();

    private State state = State.FREE;

    /** The reactor's count at the last look; while it is this, {@link #task} runs. */
    private long tasks;

    private Runnable task;

    private long thresholdNanos;

    /** Valid from STALLED on. */
    private Holder holder;

    private StackRequest stack;
    private long askedNanos;
    private long countedNanos;

    /**
     * @param carrier whose stack is taken when the task is no fiber's
     * @param stackTakers run a request, perhaps later, perhaps for long
     */
    ShardWatch(
            Reactor reactor,
            Thread carrier,
            ShardStalls stalls,
            StallThreshold threshold,
            HeldTime time,
            Executor stackTakers) {
        this.reactor = reactor;
        this.carrier = carrier;
        this.stalls = stalls;
        this.threshold = threshold;
        this.stackTakers = stackTakers;
        this.time = time;
        this.reports = new StallReports(reactor.shard(), time);
    }

    /** What a look at the shard found. */
    enum Sight {
        /** It sleeps, and has done nothing since the last look. */
        ASLEEP,
        /** No task runs at this moment. */
        IDLE,
        /** A task runs. */
        BUSY
    }

    /**
     * Looks at the shard.
     *
     * @param now for what does not depend on the moment of the look
     */
    Sight sample(long now) {
        tellHeldBack(limit.takeHeldBack(now));
        if (state != State.FREE) {
            if (isStillHeld()) {
                goOnIfStillHeld(now);
            } else {
                end();
            }
        }
        return state == State.FREE ? lookForTask(now) : Sight.BUSY;
    }

    private Sight lookForTask(long now) {
        long before = tasks;
        tasks = reactor.counters().tasks;
        task = threshold.isReady(tasks) ? reactor.running() : null;
        if (task == null) {
            return tasks == before && reactor.isAsleep() ? Sight.ASLEEP : Sight.IDLE;
        }
        if (time.look()) { // after it was seen: it has begun by then
            time.begin();
            thresholdNanos = threshold.nanos(now);
            state = State.HELD;
        }
        return Sight.BUSY;
    }

    private boolean isStillHeld() {
        return reactor.counters().tasks == tasks && reactor.running() == task;
    }

    private void goOnIfStillHeld(long now) {
        boolean looked = time.lookAgain();
        SchedulingGroup group = reactor.runningGroup();
        if (!isStillHeld()) {
            end(); // and what was seen may have been another's
        } else if (looked) {
            time.goOn();
            goOn(now, group);
        }
    }

    /** Nanoseconds until the task will have held the shard for the threshold, if it is BUSY. */
    long untilThreshold() {
        return state == State.HELD ? Math.max(thresholdNanos - time.ownNanos(), 0) : Long.MAX_VALUE;
    }

    /** Nanoseconds until this has something to tell, whatever the shard does. */
    long untilDue(long now) {
        return limit.untilDue(now);
    }

    /** Has {@code sampler} unparked once, when the shard next wakes. */
    void unparkOnWake(Thread sampler) {
        reactor.unparkOnWake(sampler);
    }

    /** Whether it still sleeps as it did at the last look. */
    boolean isStillAsleep() {
        return reactor.isAsleep() && reactor.counters().tasks == tasks;
    }

    private void goOn(long now, SchedulingGroup group) {
        switch (state) {
            case HELD -> {
                if (time.ownNanos() >= thresholdNanos) {
                    stall(now, group);
                }
            }
            case STALLED -> tellOnceThereIsAStack(now);
            case TOLD -> tellLateStack();
            case FREE -> throw new AssertionError("nobody holds the shard");
        }
        count();
    }

    private void stall(long now, SchedulingGroup group) {
        state = State.STALLED;
        holder = Holder.of(task, group);
        countedNanos = time.totalNanos();
        // The name first: the stack may have to wait for the JVM's next safepoint.
        stalls.begin(StallText.who(holder), countedNanos);
        if (!limit.tryAcquire(now)) {
            stack = null;
            return;
        }
        askedNanos = now;
        askForStack();
        tellOnceThereIsAStack(now);
    }

    private void askForStack() {
        Thread thread = holder.thread() == null ? carrier : holder.thread();
        stack = new StackRequest(reactor, tasks, thread, Thread.currentThread());
        try {
            stackTakers.execute(stack);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            ShardLog.debug("no thread can be had to take a stack", e); // it is told without one
        }
    }

    private void tellOnceThereIsAStack(long now) {
        if (stack == null) {
            return; // it is only counted
        }
        if (hasStack()) {
            state = State.TOLD;
            reports.tell(holder, kind(), stack.stack());
            stack = null;
        } else if (now - askedNanos >= STACK_PATIENCE_NANOS) {
            state = State.TOLD;
            reports.tellWithoutStack(holder, kind());
        }
    }

    private void tellLateStack() {
        if (stack != null && hasStack()) {
            reports.tellLateStack(holder, kind(), stack.stack());
            stack = null;
        }
    }

    /** Whether it has come. The JVM has none to give at some moments: then it is asked again. */
    private boolean hasStack() {
        if (stack.isAnswered() && stack.stack().length == 0 && isStillHeld()) {
            askForStack();
        }
        return stack.isAnswered() && stack.stack().length > 0;
    }

    /** It ended some time after the last look; what it is told to have taken ends with that. */
    private void end() {
        switch (state) {
            case HELD -> {
                time.end();
                if (time.totalNanos() >= thresholdNanos) {
                    stalls.pause(time.totalNanos());
                    reports.tellPause();
                }
            }
            case STALLED -> {
                if (stack == null) {
                    reports.recordEnd(holder, kind());
                } else {
                    reports.tellEndedWithoutStack(holder, kind());
                }
            }
            case TOLD -> reports.tellEnd(holder, kind());
            case FREE -> throw new AssertionError("nobody holds the shard");
        }
        stalls.end();
        state = State.FREE;
        task = null;
        holder = null;
        stack = null;
    }

    /** Brings the public figures up to date. */
    private void count() {
        if (state == State.STALLED || state == State.TOLD) {
            stalls.goOn(time.totalNanos(), time.totalNanos() - countedNanos);
            countedNanos = time.totalNanos();
        }
    }

    private StallKind kind() {
        return time.runNanos() >= time.blockedNanos() ? StallKind.ON_CPU : StallKind.BLOCKED;
    }

    /** Tells what is left to tell: there will be no more looks. */
    void close() {
        tellHeldBack(limit.takeHeldBack());
    }

    private void tellHeldBack(long count) {
        if (count > 0) {
            reports.tellHeldBack(count);
        }
    }
}
