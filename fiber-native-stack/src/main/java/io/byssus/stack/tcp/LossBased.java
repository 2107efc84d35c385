package io.byssus.stack.tcp;

/**
 * What Reno and CUBIC share: the initial window (RFC 6928), slow start, what a loss, a timeout, a
 * pause and a mistaken reduction do to the window (RFC 5681), and that it grows only when it is
 * used (RFC 7661). They differ in how far the threshold falls, and in how the window grows above
 * it, congestion avoidance.
 *
 * <p>Growth counts acknowledged bytes, not acknowledgments (RFC 3465): a receiver that splits or
 * spares them changes nothing.
 */
abstract class LossBased implements CongestionController {
    private static final int INITIAL_SEGMENTS_MAX = 10;
    private static final int INITIAL_BYTES = 14_600;
    private static final int SEGMENT_BYTES_MAX = 65_535;

    /** The least threshold, in segments (RFC 5681, equation 4). */
    private static final int THRESHOLD_SEGMENTS_MIN = 2;

    private final SlowStart slowStart = new SlowStart();
    private final ApplicationLimit limit = new ApplicationLimit();
    private final Round round = new Round();

    private int segmentBytes;
    private int window;
    private int threshold = Integer.MAX_VALUE;

    /** Nothing has happened yet: the window is the initial one. */
    private boolean fresh = true;

    /** All before it is acknowledged. */
    private int acknowledged;

    /** A timeout, and {@link #acknowledged} as then: another is one for the same segment. */
    private boolean timedOut;

    /** Between {@link #onCongestion} and {@link #onRecovered}. */
    private boolean recovering;

    /** Whether there is a reduction to {@link #undo}; the next three are as before it. */
    private boolean reduced;

    private int windowBefore;
    private int thresholdBefore;
    private SlowStart.Mode modeBefore = SlowStart.Mode.INITIAL;

    LossBased(int segmentBytes) {
        assert isSegmentSize(segmentBytes);
        this.segmentBytes = segmentBytes;
        window = initialWindow();
    }

    /** What of {@code bytes} in flight may stay so after a loss. */
    abstract int lessened(int bytes);

    /**
     * An acknowledgment above the threshold while the window is used: the window may {@link #grow}.
     */
    abstract void avoid(long now, int bytes);

    /** As {@link #avoid}, but the window is not used; or a pause ends. */
    void pause(long now) {}

    /** A sample of the round-trip time. */
    void onRoundTrip(long nanos) {}

    /** The window has fallen from {@code before} because of a loss or a mark. */
    void onReduced(int before) {}

    /** The window has fallen from {@code before} because of a timeout. */
    void onCollapsed(int before) {}

    /** The window restarts from less without a sign of congestion. */
    void onRestart() {}

    /** Keeps what {@link #restore} needs; a reduction follows. */
    void save() {}

    /** As when {@link #save} was called. */
    void restore() {}

    @Override
    public final int window() {
        return window;
    }

    @Override
    public final int slowStartThreshold() {
        return threshold;
    }

    final int segmentBytes() {
        return segmentBytes;
    }

    /** The window gets larger by {@code bytes}, or as large as it can. */
    final void grow(int bytes) {
        assert bytes >= 0 : "bytes=" + bytes;
        window += Math.min(bytes, WINDOW_BYTES_MAX - window);
    }

    @Override
    public final void onAck(
            long now,
            int bytes,
            long roundTripNanos,
            int inFlight,
            int sequence,
            int nextSequence) {
        assert bytes >= 0 && inFlight >= 0 : "bytes=" + bytes + " inFlight=" + inFlight;
        assert !recovering;
        fresh = false;
        if (sequence != acknowledged) {
            acknowledged = sequence;
            timedOut = false;
        }
        boolean roundEnds = round.ends(sequence, nextSequence);
        limit.onAck(now, inFlight, window, segmentBytes, roundEnds);
        if (roundTripNanos > 0) {
            onRoundTrip(roundTripNanos);
        }
        if (window < threshold) {
            start(bytes, roundTripNanos, roundEnds);
        } else if (limit.isUsed()) {
            avoid(now, bytes);
        } else {
            pause(now);
        }
        if (limit.takesHalf(now)) {
            restart(Math.max(window / 2, initialWindow()));
        }
        assert isValid();
    }

    private void start(int bytes, long roundTripNanos, boolean roundEnds) {
        if (limit.isHalfUsed(window)) {
            grow(Math.min(slowStart.growth(bytes, segmentBytes), threshold - window));
        }
        if (slowStart.onAck(roundTripNanos, roundEnds)) {
            threshold = Math.max(window, thresholdMin());
        }
        if (window >= threshold) {
            slowStart.onThreshold();
        }
    }

    @Override
    public final void onCongestion(long now, Signal signal, int flightSize) {
        remember();
        // A mark is never a mistake, whatever arrived after all.
        reduced = signal == Signal.LOSS;
        int before = window;
        int left = lessened(Math.min(window, flightSize));
        threshold = Math.max(left, thresholdMin());
        // A mark is heeded down to one segment: it costs no retransmission (RFC 9438, 4.6).
        window = signal == Signal.ECN ? Math.max(left, segmentBytes) : threshold;
        recovering = true;
        slowStart.onCongestion();
        onReduced(before);
        assert isValid();
    }

    @Override
    public final void onRecovered(long now) {
        if (recovering) {
            recovering = false;
            window = Math.min(window, threshold);
        }
    }

    @Override
    public final void onTimeout(long now, int flightSize) {
        if (!timedOut) {
            remember();
            int before = window;
            threshold = Math.max(lessened(Math.min(window, flightSize)), thresholdMin());
            onCollapsed(before);
        }
        timedOut = true;
        recovering = false;
        window = segmentBytes;
        slowStart.onTimeout();
        assert isValid();
    }

    @Override
    public final void onHandshakeTimeout() {
        assert fresh || window == segmentBytes : "window=" + window;
        fresh = false;
        window = segmentBytes;
    }

    private void remember() {
        fresh = false;
        reduced = true;
        windowBefore = window;
        thresholdBefore = threshold;
        modeBefore = slowStart.mode();
        save();
    }

    @Override
    public final void undo(long now) {
        // A window that has grown past it meanwhile is the better guess (RFC 9438, 4.9).
        if (reduced && window < windowBefore) {
            window = Math.max(windowBefore, segmentBytes);
            threshold = Math.max(thresholdBefore, thresholdMin());
            slowStart.resume(modeBefore);
            restore();
            timedOut = false;
        }
        reduced = false;
        recovering = false;
        assert isValid();
    }

    @Override
    public final void onIdle(long now, long idleNanos, long timeoutNanos) {
        pause(now);
        if (idleNanos > timeoutNanos) {
            slowStart.onIdle();
            restart(Math.min(window, initialWindow()));
        }
        assert isValid();
    }

    /** Slow start from {@code bytes} up to where the window has been (RFC 7661, 4.4.3). */
    private void restart(int bytes) {
        if (bytes < window) {
            threshold = Math.max(threshold, window - window / 4);
            window = bytes;
            onRestart();
        }
    }

    @Override
    public final void segmentSize(int bytes) {
        assert isSegmentSize(bytes);
        segmentBytes = bytes;
        window = fresh ? initialWindow() : Math.max(window, bytes);
        threshold = Math.max(threshold, thresholdMin());
        assert isValid();
    }

    private int initialWindow() {
        int bytes = Math.max(THRESHOLD_SEGMENTS_MIN * segmentBytes, INITIAL_BYTES);
        return Math.min(INITIAL_SEGMENTS_MAX * segmentBytes, bytes);
    }

    private int thresholdMin() {
        return THRESHOLD_SEGMENTS_MIN * segmentBytes;
    }

    private static boolean isSegmentSize(int bytes) {
        return bytes > 0 && bytes <= SEGMENT_BYTES_MAX;
    }

    private boolean isValid() {
        return window >= segmentBytes && window <= WINDOW_BYTES_MAX && threshold >= thresholdMin();
    }
}
