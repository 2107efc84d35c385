package io.byssus.stack.tcp;

/**
 * A stand-in for proportional rate reduction: the formulas of RFC 9937, section 6, as they stand.
 */
final class PlainRateReduction implements RateReduction {
    private int recoverFlight;
    private int threshold;
    private int segmentBytes;
    private long delivered;
    private long sent;

    @Override
    public void begin(int inFlight, int threshold, int segmentBytes) {
        recoverFlight = inFlight;
        this.threshold = threshold;
        this.segmentBytes = segmentBytes;
        delivered = 0;
        sent = 0;
    }

    @Override
    public int onAck(int newlyDelivered, int inFlight, boolean safe) {
        delivered += newlyDelivered;
        long count;
        if (inFlight > threshold) {
            count = (delivered * threshold + recoverFlight - 1) / recoverFlight - sent;
        } else {
            count = Math.max(delivered - sent, newlyDelivered) + (safe ? segmentBytes : 0);
            count = Math.min(threshold - inFlight, count);
        }
        if (sent == 0) {
            count = Math.max(count, segmentBytes); // the fast retransmit
        }
        return (int) Math.max(0, count);
    }

    @Override
    public void onSent(int bytes) {
        sent += bytes;
    }
}
