package io.byssus.stack.tcp;

/**
 * F-RTO (RFC 5682, sections 2.1 and 3.1): finds out, without any option, whether the retransmission
 * timer fired too early. After the first segment was sent again, the first acknowledgment of it
 * lets two new segments out instead of more old ones; if the next acknowledgment is for data that
 * was sent once only and before the timer fired, nothing had been lost.
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class ForwardRecovery {
    private static final int NEW_SEGMENTS = 2;

    private enum Step {
        OFF,
        /** Waits for the first acknowledgment after the timeout (step 2). */
        FIRST,
        /** New data may be sent; waits for the second (step 3). */
        SECOND
    }

    private Step step = Step.OFF;
    private int newBytes;

    /** The timer fired, and no recovery was under way. */
    void begin() {
        step = Step.FIRST;
    }

    void stop() {
        step = Step.OFF;
    }

    /** Whether lost data has to wait, as only new data shows what happened. */
    boolean holdsLost() {
        return step == Step.SECOND;
    }

    /** New data that may be sent regardless of the window. */
    int newBytes() {
        return step == Step.SECOND ? newBytes : 0;
    }

    void onSent(int bytes) {
        newBytes = Math.max(0, newBytes - bytes);
    }

    /**
     * A duplicate acknowledgment without SACK: steps 2a and 3a.
     *
     * @return whether what is lost has waited for new data, which now fills the window: the first
     *     of it must be sent again regardless, or only the next timeout would
     */
    boolean onDuplicate() {
        boolean waited = holdsLost();
        stop();
        return waited;
    }

    /**
     * Takes an acknowledgment that is not a bare duplicate.
     *
     * @param partial the retransmitted segment is not acknowledged as a whole
     * @return whether the timeout was spurious
     */
    boolean onAck(
            Acknowledgment ack, AcknowledgmentReader reader, boolean partial, int segmentBytes) {
        switch (step) {
            case OFF -> {}
            case FIRST -> {
                if (reader.acknowledged() > 0) {
                    boolean canSend = !partial && ack.sendableBytes > 0;
                    step = canSend ? Step.SECOND : Step.OFF;
                    newBytes = NEW_SEGMENTS * segmentBytes;
                }
            }
            case SECOND -> {
                if (reader.deliversOriginal()) {
                    stop();
                    return true;
                }
                if (reader.delivered() > 0 || reader.acknowledged() > 0) {
                    stop();
                }
            }
        }
        return false;
    }
}
