package io.byssus.stack.tcp;

/**
 * The persist timer (RFC 9293, 3.8.6.1): when nothing is in flight and the peer's window has no
 * room, something must be sent now and then, or an update of the window that got lost would stop
 * the connection for ever. The first probe goes after one retransmission timeout (SHLD-29), the
 * next ones after longer and longer times (SHLD-30), for as long as the peer answers (MUST-37).
 *
 * <p>Where the window has room for a small segment only, the same timer overrides the avoidance of
 * silly windows (RFC 9293, 3.8.6.2.1).
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class WindowProbe {
    static final long NONE = Long.MAX_VALUE;

    private static final int BACKOFFS_MAX = 10;

    private long deadline = NONE;
    private int backoffs;
    private boolean due;

    WindowProbe() {}

    /** The window has no room now. */
    void arm(long now, long timeoutNanos, long timeoutNanosMax) {
        if (deadline == NONE && !due) {
            deadline = now + Math.min(timeoutNanos << backoffs, timeoutNanosMax);
        }
    }

    /** Whether something is to be sent although it does not fit. */
    boolean isDue() {
        return due;
    }

    long deadline() {
        return deadline;
    }

    void onDeadline(long now) {
        if (now >= deadline) {
            due = true;
            deadline = NONE;
        }
    }

    /** A probe was sent. */
    void onSent() {
        due = false;
        backoffs = Math.min(backoffs + 1, BACKOFFS_MAX);
    }

    /** The window has room, or there is nothing to send: from the beginning at the next time. */
    void cancel() {
        deadline = NONE;
        due = false;
        backoffs = 0;
    }

    /** Probes since the window closed. */
    int count() {
        return backoffs;
    }
}
