package io.byssus.stack.tcp;

/** What {@link LossRecovery} has seen and done, since the connection began. */
final class RecoveryCounters {
    /** Segments that were sent again, those of probes included. */
    long retransmittedSegments;

    /** Segments that were taken for lost, again each time. */
    long lostSegments;

    /** Of them, those that had been sent again already. */
    long lostRetransmissions;

    /** The retransmission timer fired. */
    long timeouts;

    /** Probes for the loss of a tail that were due (RFC 8985, section 7). */
    long probes;

    /** Fast recoveries. */
    long recoveries;

    /** Recoveries and timeouts that turned out to be in vain, and were undone. */
    long spurious;

    /** The peer reported that it got something twice (RFC 2883). */
    long duplicateSacks;

    /** Reductions because of congestion marks. */
    long congestionMarks;

    /** SACK blocks that made no sense. */
    long ignoredBlocks;

    /** Acknowledgments of what was never sent, which the caller should not have passed on. */
    long ignoredAcknowledgments;

    /** The peer threw away what it had acknowledged selectively (RFC 2018, section 8). */
    long reneged;
}
