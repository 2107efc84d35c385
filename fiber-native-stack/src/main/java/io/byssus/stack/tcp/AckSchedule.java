package io.byssus.stack.tcp;

import java.util.concurrent.TimeUnit;

/**
 * When a connection acknowledges what it has received: with the next segment it sends anyway; after
 * two full segments (SHLD-19); after {@link #DELAY_NANOS} at the latest (MUST-40); at once when the
 * peer needs to know (RFC 5681, 4.2).
 *
 * <p>Nothing is sent while segments are being taken in: whatever a batch asks for goes out as one
 * acknowledgment after it (MUST-58, MUST-59). Without SACK a peer counts duplicates, so then each
 * segment out of order gets one of its own.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class AckSchedule {
    static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(40);
    static final long NONE = Long.MAX_VALUE;

    private static final int FULL_SEGMENTS = 2;

    /** The first segments of a connection are acknowledged at once: the peer is in slow start. */
    private static final int QUICK_SEGMENTS = 16;

    /** Bound of what one batch can ask for. */
    private static final int DUPLICATES_MAX = 64;

    /** Last.ACK.sent (RFC 7323). */
    private int lastSent;

    private boolean due;
    private int duplicates;
    private int unacknowledgedBytes;
    private int quickLeft = QUICK_SEGMENTS;
    private long delayedUntil = NONE;

    AckSchedule() {}

    int lastSent() {
        return lastSent;
    }

    /** Text has arrived in order. */
    void onText(long now, int bytes, int segmentBytes) {
        unacknowledgedBytes += bytes;
        if (quickLeft > 0) {
            quickLeft--;
            due = true;
        } else if (unacknowledgedBytes >= FULL_SEGMENTS * segmentBytes) {
            due = true;
        } else if (delayedUntil == NONE) {
            delayedUntil = now + DELAY_NANOS;
        }
    }

    /** The peer must know at once; once is enough. */
    void now() {
        due = true;
    }

    /** The peer counts these; for each its own. */
    void duplicate() {
        duplicates = Math.min(duplicates + 1, DUPLICATES_MAX);
    }

    /** Whether one is to go out by itself. */
    boolean isDue() {
        return due || duplicates > 0;
    }

    long deadline() {
        return delayedUntil;
    }

    void onDeadline(long now) {
        if (now >= delayedUntil) {
            due = true;
        }
    }

    /** A segment that acknowledges everything before {@code acknowledgment} was sent. */
    void onSent(int acknowledgment) {
        lastSent = acknowledgment;
        unacknowledgedBytes = 0;
        delayedUntil = NONE;
        if (duplicates > 0) {
            duplicates--;
        }
        due = false;
    }
}
