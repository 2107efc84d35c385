package io.byssus.stack.tcp;

/**
 * Decides how much is sent while the window shrinks: proportional rate reduction (RFC 9937). All
 * amounts are bytes.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard.
 */
interface RateReduction {
    /**
     * A recovery begins.
     *
     * @param inFlight what was neither acknowledged nor selectively so before it (RecoverFS)
     * @param threshold what should be in flight at the end
     */
    void begin(int inFlight, int threshold, int segmentBytes);

    /**
     * An acknowledgment came, or a segment turned out to be lost.
     *
     * @param delivered what it newly acknowledged, cumulatively or selectively
     * @param inFlight after it
     * @param safe it acknowledged more cumulatively and showed no further loss
     * @return how much may be sent now
     */
    int onAck(int delivered, int inFlight, boolean safe);

    /** So much was sent, new or again. */
    void onSent(int bytes);
}
