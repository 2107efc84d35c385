package io.byssus.stack.tcp;

/**
 * When something has to happen without an acknowledgment: the retransmission timer, the probe's and
 * that of the reorder window.
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class RecoveryTimers {
    static final long NONE = Long.MAX_VALUE;

    /** RFC 6298, section 5. */
    long timeout = NONE;

    /** RFC 8985, section 7.2. */
    long probe = NONE;

    /** RFC 8985, section 6.2, step 5. */
    long reorder = NONE;

    void clear() {
        timeout = NONE;
        probe = NONE;
        reorder = NONE;
    }

    long next() {
        return Math.min(timeout, Math.min(probe, reorder));
    }
}
