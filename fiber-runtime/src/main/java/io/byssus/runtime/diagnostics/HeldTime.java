package io.byssus.runtime.diagnostics;

import io.byssus.runtime.os.ThreadTimes.State;
import io.byssus.runtime.time.Clock;

/**
 * Splits the time for which one task has held its shard into what is the task's own doing (it
 * computed, or was blocked) and what is not (its carrier waited for a processor, the whole JVM was
 * paused or stopped).
 *
 * <p>What the carrier ran, and what it waited for a processor, the kernel counts; but a wait only
 * when it is over, and what a hypervisor took not at all. So time is <em>unexplained</em> at first.
 * A carrier that is seen waiting in a system call waits for no processor: what has no explanation
 * since the look before, it was blocked for, unless the JVM was paused meanwhile. The rest stays
 * unexplained until the kernel counts it, and nobody is blamed for it.
 *
 * <p>The looker may lose its own processor between two questions, and would compare figures of
 * different moments. So a look that takes long is thrown away.
 *
 * <p><b>Ownership:</b> confined to the sampler.
 */
final class HeldTime {
    private static final long LOOK_NANOS_MAX = 1_000_000;

    /** Less of it may be a sampler that woke a little late. */
    private static final long PAUSE_NANOS_MIN = 1_000_000;

    private final Clock clock;
    private final PlatformTimes times;
    private final JvmPauses pauses;

    /** The look that may become the next valid one. */
    private long lookNanos;

    private State lookState = State.UNKNOWN;
    private long lookPaused;

    private long beganNanos;
    private long runAtBegin;
    private long waitAtBegin;

    private long nowNanos;
    private long runNanos;
    private long waitedNanos;
    private long blockedNanos;
    private long pausedNanos;
    private State state = State.UNKNOWN;

    /** Of {@link #pauses}, at the last valid look. */
    private long pausedUntilNow;

    HeldTime(Clock clock, PlatformTimes times, JvmPauses pauses) {
        this.clock = clock;
        this.times = times;
        this.pauses = pauses;
    }

    /**
     * Takes the time and the figures, for {@link #begin}.
     *
     * @return false if they are of different moments
     */
    boolean look() {
        lookNanos = clock.nanoTime();
        return endLook();
    }

    /** As {@link #look}, with what the carrier does at that moment, for {@link #goOn}. */
    boolean lookAgain() {
        lookNanos = clock.nanoTime();
        lookState = times.state(); // first: what it had waited for before it slept is counted then
        return endLook();
    }

    private boolean endLook() {
        times.read();
        lookPaused = pauses.totalNanos();
        return clock.nanoTime() - lookNanos < LOOK_NANOS_MAX;
    }

    /** The task had begun before the last look. */
    void begin() {
        beganNanos = lookNanos;
        nowNanos = lookNanos;
        runAtBegin = times.runNanos();
        waitAtBegin = times.waitNanos();
        runNanos = 0;
        waitedNanos = 0;
        blockedNanos = 0;
        pausedNanos = 0;
        pausedUntilNow = lookPaused;
        state = State.UNKNOWN;
    }

    /** The task still held the shard after {@link #lookAgain}. */
    void goOn() {
        long paused = lookPaused - pausedUntilNow;
        pausedUntilNow = lookPaused;
        long elapsed = lookNanos - nowNanos;
        nowNanos = lookNanos;
        state = lookState;
        runNanos = Math.max(times.runNanos() - runAtBegin, runNanos);
        waitedNanos = Math.max(times.waitNanos() - waitAtBegin, waitedNanos);
        takeBackWhatWasWaiting();
        long unexplained = Math.min(unexplainedNanos(), elapsed);
        switch (state) {
            case RUNNABLE, UNKNOWN -> pausedNanos += Math.min(pause(paused), unexplained);
            case STOPPED -> pausedNanos += unexplained;
            case WAITING, DISK -> {
                // How long threads took to stop for a pause and to go on after it is not known.
                if (pause(paused) > 0) {
                    pausedNanos += unexplained;
                } else {
                    blockedNanos += unexplained;
                }
            }
        }
    }

    private static long pause(long nanos) {
        return nanos < PAUSE_NANOS_MIN ? 0 : nanos;
    }

    /** The kernel has counted more than had no explanation. */
    private void takeBackWhatWasWaiting() {
        long excess =
                Math.max(runNanos + waitedNanos + blockedNanos + pausedNanos - totalNanos(), 0);
        long ofPaused = Math.min(excess, pausedNanos);
        pausedNanos -= ofPaused;
        blockedNanos -= Math.min(excess - ofPaused, blockedNanos);
    }

    private long unexplainedNanos() {
        return Math.max(totalNanos() - runNanos - waitedNanos - blockedNanos - pausedNanos, 0);
    }

    /** The task has ended meanwhile, or was kept from it by a pause. */
    void end() {
        long paused = pause(pauses.totalNanos() - pausedUntilNow);
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
        return Math.min(waitedNanos + unexplainedNanos(), totalNanos() - runNanos());
    }

    /** In which nothing in this JVM ran. */
    long pausedNanos() {
        return pausedNanos;
    }

    /** Neither on a processor nor kept from one. */
    long blockedNanos() {
        return blockedNanos;
    }

    /** What the task is to blame for. */
    long ownNanos() {
        return Math.min(runNanos() + blockedNanos, totalNanos());
    }

    boolean waitsForDisk() {
        return state == State.DISK;
    }
}
