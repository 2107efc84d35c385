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

    /** In the recovery that goes on, or in the last one. */
    int partialAcknowledgments;

    /**
     * Something was acknowledged, or the first segment sent again.
     *
     * <p>Without SACK a recovery repairs one segment in a round trip. If it has more to repair than
     * it can in the time of the timer, slow start is faster: so only the first partial
     * acknowledgment restarts the timer (RFC 6582, section 3.2, step 3).
     *
     * @param newReno a recovery without SACK goes on
     */
    void restart(long newTimeout, boolean newReno) {
        if (!newReno || partialAcknowledgments <= 1) {
            timeout = newTimeout;
        }
    }

    void clear() {
        timeout = NONE;
        probe = NONE;
        reorder = NONE;
    }

    long next() {
        return Math.min(timeout, Math.min(probe, reorder));
    }
}
