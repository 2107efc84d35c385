package io.byssus.stack.tcp;

/**
 * Tells round trips apart by sequence number: a round ends when all that had been sent at its
 * beginning is acknowledged (the windowEnd of RFC 9406, 4.2).
 *
 * <p><b>Ownership:</b> its congestion controller.
 */
final class Round {
    private int end;
    private boolean begun;

    /**
     * Whether this acknowledgment ends the round; the next one then begins.
     *
     * @param sequence all before it is acknowledged
     * @param nextSequence the next that will be sent
     */
    boolean ends(int sequence, int nextSequence) {
        if (!begun) {
            begun = true;
            end = nextSequence;
            return false;
        }
        if (SequenceNumber.isBefore(sequence, end)) {
            return false;
        }
        end = nextSequence;
        return true;
    }
}
