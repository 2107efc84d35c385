package io.byssus.stack.tcp;

/**
 * Spreads what may be sent over a recovery, so that at its end what is in flight has come down to
 * the threshold, without the pause or the burst that a window set to the threshold at once would
 * cause (RFC 9937).
 *
 * <p>While more is in flight than the threshold, it lets out as large a part of what is delivered
 * as the threshold is of what was in flight at the beginning. Below it, it lets out as much as is
 * delivered, and one segment more for an acknowledgment that shows good progress, until the
 * threshold is reached. It never asks what the window is: losses are made up for at the rate at
 * which data is delivered.
 *
 * <p><b>Ownership:</b> the loss recovery of one connection.
 */
final class ProportionalRateReduction implements RateReduction {
    private int segmentBytes;

    /** What should be in flight at the end (ssthresh). */
    private int threshold;

    /** What was in flight at the beginning (RecoverFS). */
    private int flightSize;

    /** Delivered since the beginning (prr_delivered). */
    private long delivered;

    /** Sent since the beginning (prr_out). */
    private long sent;

    /** What may be sent now (SndCnt, less what was sent since). */
    private int allowance;

    /**
     * A recovery begins. The acknowledgment that started it is then given to {@link #onAck} too; if
     * there was none (a timer found the loss), one segment may be sent.
     *
     * @param flightSize RecoverFS: SND.NXT - SND.UNA, without what was selectively acknowledged
     *     before that acknowledgment, and with what it acknowledges
     * @param threshold ssthresh, as the congestion controller lowered it
     */
    @Override
    public void begin(int flightSize, int threshold, int segmentBytes) {
        assert threshold > 0 && segmentBytes > 0 : "threshold=" + threshold;
        this.flightSize = Math.max(flightSize, segmentBytes);
        this.threshold = threshold;
        this.segmentBytes = segmentBytes;
        delivered = 0;
        sent = 0;
        allowance = segmentBytes;
    }

    /**
     * An acknowledgment came.
     *
     * @param bytes DeliveredData: what it acknowledges first, cumulatively or selectively
     * @param inFlight after it: sent, neither acknowledged nor taken for lost (the pipe)
     * @param isSafe SafeACK: it is cumulative progress (SND.UNA advanced), and tells of no loss
     * @return what may be sent now
     */
    @Override
    public int onAck(int bytes, int inFlight, boolean isSafe) {
        assert bytes >= 0 && inFlight >= 0 : "bytes=" + bytes + " inFlight=" + inFlight;
        if (bytes == 0) {
            return allowance;
        }
        delivered += bytes;
        long count = inFlight > threshold ? proportional() : bounded(bytes, inFlight, isSafe);
        allowance = Math.clamp(count, 0, CongestionController.WINDOW_BYTES_MAX);
        if (sent == 0) {
            // The first retransmission waits for nothing. The RFC says so of a count of 0; counted
            // in bytes, a part of a segment is of as little use.
            allowance = Math.max(allowance, segmentBytes);
        }
        return allowance;
    }

    private long proportional() {
        return Math.ceilDiv(delivered * threshold, flightSize) - sent;
    }

    /** PRR-CRB (conservative); with {@code isSafe}, PRR-SSRB (like slow start). */
    private long bounded(int bytes, int inFlight, boolean isSafe) {
        long count = Math.max(delivered - sent, bytes);
        if (isSafe) {
            count += segmentBytes;
        }
        return Math.min(threshold - inFlight, count);
    }

    /** What may be sent now: a segment that is longer must wait for the next acknowledgment. */
    int allowance() {
        return allowance;
    }

    /** {@code bytes} were sent, new or again. */
    @Override
    public void onSent(int bytes) {
        assert bytes >= 0 : "bytes=" + bytes;
        sent += bytes;
        allowance = Math.max(allowance - bytes, 0);
    }
}
