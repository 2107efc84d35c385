package io.byssus.runtime.diagnostics;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the stall detector has seen of one shard since the start. All zero when there is no
 * detector.
 *
 * <p><b>Ownership:</b> written by the detector; read by any thread.
 */
public final class ShardStalls {
    private final AtomicLong stalls = new AtomicLong();
    private final AtomicLong stalledNanos = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();
    private final AtomicLong pauses = new AtomicLong();
    private final AtomicLong pausedNanos = new AtomicLong();
    private volatile String holder = "";

    /** Nothing seen yet; for the runtime. */
    public ShardStalls() {}

    /** How many times a fiber held the shard for longer than the threshold, reported or not. */
    public long count() {
        return stalls.get();
    }

    /** For how long altogether, a stall that goes on included. */
    public Duration total() {
        return Duration.ofNanos(stalledNanos.get());
    }

    /** The longest of them. */
    public Duration longest() {
        return Duration.ofNanos(longestNanos.get());
    }

    /**
     * How many times the shard stood still for longer than the threshold through no fault of its
     * fibers: it waited for a processor, or the JVM was paused.
     */
    public long pauseCount() {
        return pauses.get();
    }

    /** For how long altogether. */
    public Duration pauseTotal() {
        return Duration.ofNanos(pausedNanos.get());
    }

    /** Who stalls the shard at this moment, such as {@code fiber 'x' (group main)}; or empty. */
    public String holder() {
        return holder;
    }

    /**
     * @param total so far
     */
    void begin(String who, long total) {
        holder = who;
        goOn(total, total);
        stalls.incrementAndGet(); // last: who sees it counted sees its time
    }

    /**
     * @param total so far
     * @param more of it since the last time
     */
    void goOn(long total, long more) {
        stalledNanos.addAndGet(more);
        longestNanos.accumulateAndGet(total, Math::max);
    }

    void end() {
        holder = "";
    }

    void pause(long nanos) {
        pauses.incrementAndGet();
        pausedNanos.addAndGet(nanos);
    }
}
