package io.byssus.stack.tcp;

import java.util.concurrent.TimeUnit;

/**
 * The sending of our SYN, with an acknowledgment of the peer's or without, until it is
 * acknowledged: again after one second, two, four (RFC 6298), until the application's or the
 * reaper's patience is over.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Handshake {
    static final long NONE = Long.MAX_VALUE;

    /** After the sixth transmission of a SYN,ACK: 1 + 2 + 4 + 8 + 16 + 32 seconds. */
    static final long REAP_NANOS = TimeUnit.SECONDS.toNanos(63);

    private long startedNanos;
    private long limitNanos;
    private long deadline = NONE;
    private long sentNanos;
    private int transmissions;
    private boolean due;

    Handshake() {}

    /** A SYN is to be sent, and until {@code limitNanos} from now sent again. */
    void begin(long now, long limitNanos) {
        if (this.limitNanos == 0) {
            startedNanos = now;
            this.limitNanos = limitNanos;
        }
        due = true;
    }

    boolean isDue() {
        return due;
    }

    /** The peer has sent its SYN again, so it has not got ours. */
    void again() {
        due = true;
    }

    void onSent(long now, long timeoutNanos) {
        due = false;
        sentNanos = now;
        transmissions++;
        deadline = Math.min(now + timeoutNanos, startedNanos + limitNanos);
        if (deadline < now) {
            deadline = now + timeoutNanos;
        }
    }

    long deadline() {
        return deadline;
    }

    /** Whether the time for it is over. */
    boolean isOver(long now) {
        return now - startedNanos >= limitNanos;
    }

    /** When the last transmission answered the first: only that gives a sample (MUST-18). */
    boolean givesSample() {
        return transmissions == 1;
    }

    int transmissions() {
        return transmissions;
    }

    /** When it was sent last. */
    long sentNanos() {
        return sentNanos;
    }

    void done() {
        deadline = NONE;
        due = false;
    }
}
