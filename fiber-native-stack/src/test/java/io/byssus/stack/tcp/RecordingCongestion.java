package io.byssus.stack.tcp;

import java.util.ArrayList;
import java.util.List;

/**
 * A stand-in for congestion control: Reno at its simplest, which also writes down what it hears.
 */
final class RecordingCongestion implements CongestionController {
    static final int INITIAL_SEGMENTS = 10;

    private int segmentBytes = 1;
    private int window;
    private int threshold = Integer.MAX_VALUE;
    private int windowBefore;
    private int thresholdBefore;
    private final List<String> events = new ArrayList<>();
    private final List<Long> pausesNanos = new ArrayList<>();

    /** The pauses that it heard of. */
    List<Long> pausesNanos() {
        return pausesNanos;
    }

    /** What it heard, apart from plain acknowledgments and pauses. */
    List<String> events() {
        return events;
    }

    void forget() {
        events.clear();
        pausesNanos.clear();
    }

    void window(int bytes) {
        window = bytes;
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public int slowStartThreshold() {
        return threshold;
    }

    @Override
    public void onAck(
            long now,
            int bytes,
            long roundTripNanos,
            int inFlight,
            int sequence,
            int nextSequence) {
        assert bytes > 0;
        if (window < threshold) {
            window += Math.min(bytes, 2 * segmentBytes);
        } else {
            window += Math.max(1, (int) ((long) segmentBytes * segmentBytes / window));
        }
    }

    @Override
    public void onCongestion(long now, Signal signal, int inFlight) {
        remember();
        events.add(signal.name());
        threshold = Math.max(inFlight / 2, 2 * segmentBytes);
    }

    @Override
    public void onRecovered(long now) {
        events.add("recovered");
        window = threshold;
    }

    @Override
    public void onTimeout(long now, int inFlight) {
        remember();
        events.add("timeout");
        threshold = Math.max(inFlight / 2, 2 * segmentBytes);
        window = segmentBytes;
    }

    @Override
    public void onHandshakeTimeout() {
        events.add("handshake timeout");
    }

    private void remember() {
        windowBefore = window;
        thresholdBefore = threshold;
    }

    @Override
    public void undo(long now) {
        events.add("undo");
        window = Math.max(window, windowBefore);
        threshold = thresholdBefore;
    }

    @Override
    public void onIdle(long now, long idleNanos, long timeoutNanos) {
        pausesNanos.add(idleNanos);
    }

    @Override
    public void segmentSize(int bytes) {
        segmentBytes = bytes;
        if (window == 0) {
            window = INITIAL_SEGMENTS * bytes;
        }
    }
}
