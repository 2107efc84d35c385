package io.byssus.stack.tcp;

/**
 * What a segment with an ACK says to {@link LossRecovery}: one mutable object, filled again for
 * each segment. {@link #begin} clears what may be absent.
 *
 * <p><b>Ownership:</b> one per shard is enough; confined to it.
 */
final class Acknowledgment {
    /** What fits into the options of a segment. */
    static final int BLOCKS_MAX = 4;

    /** SEG.ACK as it stands in the segment; it may be before SND.UNA. */
    int una;

    /** SND.UNA before this segment. */
    int previousUna;

    /** The segment has data, or is a SYN or a FIN: then it is no duplicate ACK. */
    boolean carriesData;

    /** The window that it announces differs from the one before (RFC 5681: no duplicate). */
    boolean windowChanged;

    /** ECE is set, and ECN was agreed upon. */
    boolean ecnEcho;

    /**
     * How many bytes that were never sent could be, as far as the application and the peer's window
     * go: F-RTO sends new data where there is some (RFC 5682).
     */
    int sendableBytes;

    boolean hasTimestamp;

    /**
     * When the segment was sent that TSecr echoes, rounded down to a millisecond; 0 if that is not
     * known.
     */
    long echoedSentNanos;

    private int sackBlocks;
    private final int[] sackStarts = new int[BLOCKS_MAX];
    private final int[] sackEnds = new int[BLOCKS_MAX];

    /** Begins anew: no options, no flags. */
    Acknowledgment begin(int previousUna, int una) {
        this.previousUna = previousUna;
        this.una = una;
        carriesData = false;
        windowChanged = false;
        ecnEcho = false;
        sendableBytes = 0;
        hasTimestamp = false;
        echoedSentNanos = 0;
        sackBlocks = 0;
        return this;
    }

    /** Adds a SACK block, in the order of the option; those that do not fit are left out. */
    Acknowledgment sack(int start, int end) {
        if (sackBlocks < BLOCKS_MAX) {
            sackStarts[sackBlocks] = start;
            sackEnds[sackBlocks] = end;
            sackBlocks++;
        }
        return this;
    }

    Acknowledgment timestamp(long echoedSentNanos) {
        hasTimestamp = true;
        this.echoedSentNanos = echoedSentNanos;
        return this;
    }

    int sackBlocks() {
        return sackBlocks;
    }

    int sackStart(int index) {
        return sackStarts[index];
    }

    int sackEnd(int index) {
        return sackEnds[index];
    }

    /** Whether the time is known at which what TSecr echoes was sent. */
    boolean hasEcho() {
        return hasTimestamp && echoedSentNanos != 0;
    }

    /** Whether it answers something that was surely sent before {@code sentNanos}. */
    boolean answersBefore(long sentNanos) {
        return hasEcho() && echoedSentNanos + RoundTripEstimator.GRANULARITY_NANOS - sentNanos <= 0;
    }

    /**
     * Whether the first block reports what arrived twice: it is below the cumulative ACK, or inside
     * the second block (RFC 2883, section 4).
     */
    boolean reportsDuplicate() {
        if (sackBlocks == 0 || !SequenceNumber.isBefore(sackStarts[0], sackEnds[0])) {
            return false;
        }
        return SequenceNumber.isAtOrBefore(sackEnds[0], una)
                || (sackBlocks > 1
                        && SequenceNumber.isAtOrAfter(sackStarts[0], sackStarts[1])
                        && SequenceNumber.isAtOrBefore(sackEnds[0], sackEnds[1]));
    }
}
