package io.byssus.stack.tcp;

/**
 * What a connection knows of its path at one moment. Bytes and nanoseconds.
 *
 * @param segmentBytes the most text of one segment
 * @param slowStartThresholdBytes {@link Integer#MAX_VALUE} while it was never reduced
 * @param phase of the loss recovery
 */
public record PathState(
        long roundTripNanos,
        long roundTripVariationNanos,
        long minimumRoundTripNanos,
        long timeoutNanos,
        int segmentBytes,
        int congestionWindowBytes,
        int slowStartThresholdBytes,
        int inFlightBytes,
        int sendWindowBytes,
        int receiveWindowBytes,
        long retransmittedSegments,
        String phase) {}
