package io.byssus.stack.tcp;

import io.byssus.stack.wire.TcpHeader;
import java.util.concurrent.TimeUnit;

/**
 * A connection's timestamps (RFC 7323, 3 to 5): what to send, what to echo, and protection against
 * old segments whose sequence numbers have wrapped around into the window (PAWS).
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Timestamps {
    /** RFC 7323, 5.5: TS.Recent counts no more when the connection was idle for so long. */
    private static final long RECENT_NANOS_MAX = TimeUnit.DAYS.toNanos(24);

    /** What is added to the clock's ticks, so that connections tell nothing of each other. */
    private int offset;

    private boolean enabled;

    /** TS.Recent: what is echoed. */
    private int recent;

    private long recentNanos;

    Timestamps() {}

    /** Before the SYN: the secret distance of this flow's timestamps from the clock. */
    void offset(int ticks) {
        offset = ticks;
    }

    /** The peer sends them too. */
    void enable(long now, int first) {
        enabled = true;
        recent = first;
        recentNanos = now;
    }

    boolean enabled() {
        return enabled;
    }

    /** TSval of a segment that is sent now. */
    int value(long now) {
        return TimestampClock.value(now, offset);
    }

    /** TSecr of every segment. */
    int echo() {
        return recent;
    }

    /** When the segment was sent whose timestamp the peer echoes: a millisecond's accuracy. */
    long sentNanos(long now, int echo) {
        return now - TimestampClock.elapsedMillis(now, offset, echo) * TimestampClock.TICK_NANOS;
    }

    /** Whether the segment is older than others that have arrived (RFC 7323, 5.3 R1). */
    boolean isOld(long now, Segment segment) {
        return enabled
                && segment.options.hasTimestamps()
                && segment.options.timestampValue() - recent < 0
                && now - recentNanos < RECENT_NANOS_MAX;
    }

    /** Whether it lacks what every segment but a reset must have (RFC 7323, 3.2). */
    boolean isMissing(Segment segment) {
        return enabled && !segment.options.hasTimestamps() && !segment.has(TcpHeader.RST);
    }

    /**
     * Notes the timestamp of an acceptable segment with a right acknowledgment, if that is the one
     * to echo (RFC 7323, 4.3).
     *
     * @param lastAcknowledged Last.ACK.sent
     */
    void note(long now, Segment segment, int lastAcknowledged) {
        if (enabled
                && segment.options.hasTimestamps()
                && SequenceNumber.isAtOrBefore(segment.untrimmed, lastAcknowledged)
                && segment.options.timestampValue() - recent >= 0) {
            recent = segment.options.timestampValue();
            recentNanos = now;
        }
    }
}
