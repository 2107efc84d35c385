package io.byssus.stack.tcp;

/**
 * Keep-alive probes (RFC 9293, 3.8.4): off unless the application asks for them (MUST-24, MUST-25),
 * only while nothing is in flight and nothing has come for the configured time (MUST-26, MUST-27),
 * and the connection ends only when several in a row are not answered (MUST-29).
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Keepalive {
    static final long NONE = Long.MAX_VALUE;

    private final long idleNanos;
    private final long intervalNanos;
    private final int probesMax;

    private long lastHeard;
    private long lastProbe;
    private int unanswered;
    private boolean due;

    /**
     * @param idleNanos before the first probe
     * @param intervalNanos between probes
     * @param probesMax in a row without an answer, after which the peer is gone
     */
    Keepalive(long now, long idleNanos, long intervalNanos, int probesMax) {
        this.idleNanos = idleNanos;
        this.intervalNanos = intervalNanos;
        this.probesMax = probesMax;
        this.lastHeard = now;
    }

    void onHeard(long now) {
        lastHeard = now;
        unanswered = 0;
        due = false;
    }

    /** When to look again; only while the connection has nothing in flight. */
    long deadline() {
        return due ? NONE : unanswered == 0 ? lastHeard + idleNanos : lastProbe + intervalNanos;
    }

    /**
     * @return false if the peer is gone
     */
    boolean onDeadline(long now) {
        if (now < deadline()) {
            return true;
        }
        if (unanswered == probesMax) {
            return false;
        }
        due = true;
        return true;
    }

    boolean isDue() {
        return due;
    }

    void onSent(long now) {
        due = false;
        lastProbe = now;
        unanswered++;
    }
}
