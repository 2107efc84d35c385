package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;
import java.util.random.RandomGenerator;

/**
 * What a flow's peer sees of us and must not be able to foresee of others: where its sequence
 * numbers begin (RFC 6528), and how far its timestamps are from the clock (RFC 7323, 7.1).
 *
 * <p><b>Ownership:</b> immutable.
 */
final class FlowSecrets {
    private final InitialSequence sequences;
    private final TimestampClock timestamps;

    FlowSecrets(RandomGenerator random) {
        sequences = new InitialSequence(new SipHash(random));
        timestamps = new TimestampClock(new SipHash(random));
    }

    /** ISS of a connection that begins now. */
    int sequence(long now, Flow flow) {
        return sequences.next(
                now,
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    /** As {@link #sequence}, at or after {@code floor}. */
    int sequenceFrom(long now, Flow flow, int floor) {
        return sequences.nextFrom(
                now,
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports(),
                floor);
    }

    /** What is added to the clock's ticks. */
    int timestampOffset(Flow flow) {
        return timestamps.offset(
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }
}
