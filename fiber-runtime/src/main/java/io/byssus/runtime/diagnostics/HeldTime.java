package io.byssus.runtime.diagnostics;

import io.byssus.runtime.os.ThreadTimes.State;
import io.byssus.runtime.time.Clock;

/**
 * Splits the time for which one task has held its shard into what is the task's own doing (it
 * computed, or was blocked) and what is not (its carrier waited for a processor, the whole JVM was
 * paused or stopped).
 *
 * <p>Time that was neither run nor waited through is <em>idle</em>: the carrier was blocked, or
 * paused with everybody else, or waits for a processor at this moment, which the kernel counts only
 * when the wait is over. The last is told by the state: a carrier that is runnable and has not run
 * since the last look has waited since then.
 *
 * <p>The looker may lose its own processor between two questions, and would compare figures of
 * different moments. So a look that takes long is thrown away.
 *
 * <p><b>Ownership:</b> confined to the sampler.
 */
final class HeldTime {
    private static final long LOOK_NANOS_MAX = 1_000_000;

    /** Less of it is imprecision. */
    private static final long IDLE_NANOS_MIN = 500_000;

    private final Clock clock;
    private final PlatformTimes times;

    /** The look that may become the next valid one. */
    private long lookNanos;

    private State lookState = State.UNKNOWN;

    private long beganNanos;
    private long runAtBegin;
    private long waitAtBegin;

    private long nowNanos;
    private long runNanos;
    private long waitedNanos;

    /** A wait for a processor that seems to go on. */
    private long waitingNanos;

    private long pausedNanos;
    private State state = State.UNKNOWN;

    HeldTime(Clock clock, PlatformTimes times) {
        this.clock = clock;
        this.times = times;
    }

    /**
     * Takes the time and the figures, for {@link #begin}.
     *
     * @return false if they are of different moments
     */
    boolean look() {
        lookNanos = clock.nanoTime();
        times.read();
        return clock.nanoTime() - lookNanos < LOOK_NANOS_MAX;
    }

    /** As {@link #look}, with what the carrier does at that moment, for {@link #goOn}. */
    boolean lookAgain() {
        lookNanos = clock.nanoTime();
        times.read();
        lookState = idleNanos(run(), waited()) < IDLE_NANOS_MIN ? State.RUNNABLE : times.state();
        return clock.nanoTime() - lookNanos < LOOK_NANOS_MAX;
    }

    private long run() {
        return Math.max(times.runNanos() - runAtBegin, runNanos);
    }

    private long waited() {
        return Math.max(times.waitNanos() - waitAtBegin, waitedNanos);
    }

    /** Since the last valid look. */
    private long idleNanos(long run, long waited) {
        return Math.max(lookNanos - nowNanos - (run - runNanos) - (waited - waitedNanos), 0);
    }

    /** The task had begun before the last look. */
    void begin() {
        beganNanos = lookNanos;
        nowNanos = lookNanos;
        runAtBegin = times.runNanos();
        waitAtBegin = times.waitNanos();
        runNanos = 0;
        waitedNanos = 0;
        waitingNanos = 0;
        pausedNanos = 0;
        state = State.UNKNOWN;
    }

    /**
     * The task still held the shard after {@link #lookAgain}.
     *
     * @param paused nanoseconds since the look before in which nothing in this JVM ran
     */
    void goOn(long paused) {
        long run = run();
        long waited = waited();
        long idle = idleNanos(run, waited);
        boolean stoodStill = run == runNanos && waited == waitedNanos;
        state = lookState;
        pausedNanos += state == State.STOPPED ? idle : Math.min(paused, idle);
        long waiting = Math.max(idle - paused, 0) + (stoodStill ? waitingNanos : 0);
        waitingNanos = state == State.RUNNABLE ? waiting : 0;
        runNanos = run;
        waitedNanos = waited;
        nowNanos = lookNanos;
    }

    /** The task has ended meanwhile, after this many nanoseconds in which nothing ran. */
    void goOnPaused(long paused) {
        nowNanos += paused;
        pausedNanos += paused;
    }

    /** Since it was first seen: the task may hold the shard for a little longer. */
    long totalNanos() {
        return nowNanos - beganNanos;
    }

    /** On a processor. */
    long runNanos() {
        return Math.min(runNanos, totalNanos());
    }

    /** Runnable, without a processor. */
    long descheduledNanos() {
        return Math.min(waitedNanos + waitingNanos, totalNanos() - runNanos());
    }

    /** In which nothing in this JVM ran. */
    long pausedNanos() {
        return pausedNanos;
    }

    /** Neither on a processor nor kept from one. */
    long blockedNanos() {
        long idle = totalNanos() - runNanos - waitedNanos;
        return Math.max(idle - waitingNanos - pausedNanos, 0);
    }

    /** What the task is to blame for. */
    long ownNanos() {
        return Math.min(runNanos() + blockedNanos(), totalNanos());
    }

    boolean waitsForDisk() {
        return state == State.DISK;
    }
}
