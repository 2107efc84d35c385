package io.byssus.net;

import java.time.Duration;

/**
 * What a connection's TCP knows of itself and of its path, at one moment.
 *
 * @param state the RFC's name, such as {@code ESTABLISHED} or {@code CLOSE_WAIT}
 * @param roundTrip smoothed (RFC 6298); zero while there is no sample
 * @param roundTripVariation how much it varies
 * @param minimumRoundTrip the least of the last minutes; zero while there is no sample
 * @param retransmissionTimeout how long an acknowledgment is waited for now
 * @param segmentBytes the most text of one segment
 * @param congestionWindowBytes how much may be in flight
 * @param slowStartThresholdBytes below it the window grows fast; {@link Long#MAX_VALUE} if it was
 *     never reduced
 * @param inFlightBytes sent and not acknowledged; a multiple of the segment with the kernel's TCP
 * @param retransmittedSegments since the connection began
 * @param unsentBytes written and not sent yet, because of the windows
 * @param peerWindowBytes how much more the peer said it can take, at the last segment
 */
public record TcpInfo(
        String state,
        Duration roundTrip,
        Duration roundTripVariation,
        Duration minimumRoundTrip,
        Duration retransmissionTimeout,
        int segmentBytes,
        long congestionWindowBytes,
        long slowStartThresholdBytes,
        long inFlightBytes,
        long retransmittedSegments,
        long unsentBytes,
        long peerWindowBytes) {}
