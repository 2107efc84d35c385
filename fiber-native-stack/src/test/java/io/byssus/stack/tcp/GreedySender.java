package io.byssus.stack.tcp;

import io.byssus.stack.tcp.CongestionController.Signal;

/**
 * A sender that always has data, and a path without a queue: each segment of a window is
 * acknowledged, one by one, evenly spread over a round trip.
 */
final class GreedySender {
    static final int SEGMENT = 1000;
    static final long MILLISECOND = 1_000_000;
    static final long SECOND = 1000 * MILLISECOND;

    final CongestionController controller;
    long now;
    long roundTripNanos;

    /** Segments delivered so far. */
    long segments;

    /** The integral of the window over time. */
    private double windowNanos;

    private long begin;
    private int sequence;
    private int nextSequence;
    private int lossInterval;
    private long nextLoss = Long.MAX_VALUE;

    GreedySender(CongestionController controller, long roundTripNanos) {
        this.controller = controller;
        this.roundTripNanos = roundTripNanos;
        // So that sequence numbers wrap around in most tests.
        sequence = Integer.MAX_VALUE - 50 * SEGMENT;
        nextSequence = sequence;
    }

    int window() {
        return controller.window();
    }

    int windowSegments() {
        return controller.window() / SEGMENT;
    }

    /** From now on, one of {@code count} segments is lost. */
    GreedySender losesOneOf(int count) {
        lossInterval = count;
        nextLoss = segments + count;
        return this;
    }

    GreedySender rounds(int count) {
        for (int i = 0; i < count; i++) {
            round();
        }
        return this;
    }

    /** A round trip in which the window is full. */
    GreedySender round() {
        int count = windowSegments();
        for (int i = 0; i < count; i++) {
            advance(roundTripNanos / count);
            segments++;
            if (segments >= nextLoss) {
                nextLoss += lossInterval;
                loss();
                return this;
            }
            acknowledge(SEGMENT, windowSegments() * SEGMENT);
        }
        return this;
    }

    /** A round trip in which the application sends so many segments only, after all the others. */
    GreedySender limitedRound(int count) {
        drain();
        nextSequence += count * SEGMENT;
        return drain();
    }

    /** All that is in flight is acknowledged, and nothing is sent. */
    private GreedySender drain() {
        int count = (nextSequence - sequence) / SEGMENT;
        for (int i = count; i > 0; i--) {
            advance(roundTripNanos / count);
            acknowledge(SEGMENT, i * SEGMENT);
        }
        return this;
    }

    /** A recovery of one round trip. */
    GreedySender loss() {
        int flight = windowSegments() * SEGMENT;
        controller.onCongestion(now, Signal.LOSS, flight);
        sequence += flight;
        nextSequence = SequenceNumber.max(nextSequence, sequence);
        segments += windowSegments();
        advance(roundTripNanos);
        controller.onRecovered(now);
        return this;
    }

    GreedySender timeout() {
        controller.onTimeout(now, windowSegments() * SEGMENT);
        return this;
    }

    /** One acknowledgment, before which so much is in flight. */
    void acknowledge(int bytes, int inFlight) {
        int next = sequence + Math.max(inFlight, bytes);
        nextSequence = SequenceNumber.max(nextSequence, next);
        sequence += bytes;
        controller.onAck(now, bytes, roundTripNanos, inFlight, sequence, nextSequence);
    }

    void advance(long nanos) {
        windowNanos += (double) controller.window() * nanos;
        now += nanos;
    }

    /** Forgets what {@link #averageSegments} has averaged. */
    GreedySender measure() {
        begin = now;
        windowNanos = 0;
        return this;
    }

    /** Of the window over time. */
    double averageSegments() {
        return windowNanos / (now - begin) / SEGMENT;
    }
}
