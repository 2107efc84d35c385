package io.byssus.stack.tcp;

/**
 * CUBIC (RFC 9438). After a loss the window falls to 0.7 and grows back along a cubic function of
 * the time since: fast at first, slowly near the size at which the loss happened, then fast again.
 * As the round-trip time has no part in it, long fat paths are filled in reasonable time, and flows
 * with different round trips share a queue more evenly than under Reno. Where Reno would be faster
 * (short round trips, small windows) the window follows an estimate of Reno's.
 *
 * <p>All amounts are bytes; a window is at most 2^30 of them, so that a {@code double} loses
 * nothing that matters, and the part of a byte that a window cannot have is kept. The curve is
 * computed from the time since the epoch began, never summed up: it does not drift.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard.
 */
final class Cubic extends LossBased {
    /** What is left of the window after a loss (beta_cubic). */
    private static final double BETA = 0.7;

    /** How steep the curve is (C), in segments per cubic second. */
    private static final double STEEPNESS = 0.4;

    /**
     * Segments by which the estimate of Reno's window grows in a round trip (alpha_cubic), such
     * that with BETA it makes Reno's average.
     */
    private static final double FRIENDLY_GROWTH = 3 * (1 - BETA) / (1 + BETA);

    /** How far a window that shrinks from loss to loss makes room for others (4.7). */
    private static final double CONVERGENCE = (1 + BETA) / 2;

    /** The window grows by half of itself in a round trip at most. */
    private static final double TARGET_MAX = 1.5;

    private static final double NANOS_PER_SECOND = 1e9;

    /** Of the smoothed round-trip time (RFC 6298, 2.3: alpha is 1/8). */
    private static final int SMOOTHING = 8;

    /**
     * The window at the last loss (W_max): where the curve is flat; 0 if there is none to aim at.
     */
    private double plateau;

    /** The window before the last reduction (cwnd_prior); 0 before the first. */
    private double prior;

    /** Whether congestion avoidance is under way, so that the next four fields say something. */
    private boolean epoch;

    /** When the epoch began (t_epoch), later by all time in which the window was not used. */
    private long epochStart;

    /** Seconds from the beginning of the epoch to the plateau (K). */
    private double plateauSeconds;

    /** Reno's window, estimated (W_est). */
    private double friendly;

    /** When the window grew last or the epoch was put off. */
    private long lastAckAt;

    /** The part of a byte that belongs to the window: at least 0, less than 1. */
    private double fraction;

    private long smoothedRoundTripNanos;

    private double plateauBefore;
    private double priorBefore;
    private boolean epochBefore;
    private long epochStartBefore;
    private double plateauSecondsBefore;
    private double friendlyBefore;

    Cubic(int segmentBytes) {
        super(segmentBytes);
    }

    @Override
    int lessened(int bytes) {
        return (int) (bytes * BETA);
    }

    @Override
    void onRoundTrip(long nanos) {
        smoothedRoundTripNanos +=
                smoothedRoundTripNanos == 0 ? nanos : (nanos - smoothedRoundTripNanos) / SMOOTHING;
    }

    @Override
    void avoid(long now, int bytes) {
        if (!epoch) {
            begin(now);
        }
        lastAckAt = now;
        double exact = window() + fraction;
        // Of a round trip, as a window is acknowledged in one.
        double share = Math.min(bytes / exact, 1);
        friendly += (friendly < prior ? FRIENDLY_GROWTH : 1) * segmentBytes() * share;
        double seconds = (now - epochStart) / NANOS_PER_SECOND;
        if (curve(seconds) < friendly) {
            grow(friendly - exact);
        } else {
            double roundTrip = smoothedRoundTripNanos / NANOS_PER_SECOND;
            double target = Math.min(curve(seconds + roundTrip), TARGET_MAX * exact);
            grow((target - exact) * share);
        }
    }

    private void begin(long now) {
        epoch = true;
        epochStart = now;
        int window = window();
        fraction = 0;
        friendly = window;
        if (prior == 0) {
            prior = window;
        }
        // Without a larger window to return to, the curve begins where it is flat (4.8, 4.10).
        plateau = Math.max(plateau, window);
        // StrictMath, for the same window on every machine.
        plateauSeconds = StrictMath.cbrt((plateau - window) / steepness());
    }

    /** W_cubic: the window so many seconds after the beginning of the epoch. */
    private double curve(double seconds) {
        double distance = seconds - plateauSeconds;
        return plateau + steepness() * distance * distance * distance;
    }

    private double steepness() {
        return STEEPNESS * segmentBytes();
    }

    private void grow(double bytes) {
        if (bytes > 0) {
            double sum = fraction + Math.min(bytes, WINDOW_BYTES_MAX);
            int whole = (int) sum;
            fraction = sum - whole;
            grow(whole);
        }
    }

    /** Time in which the window is not used is no part of the epoch (4.2, 5.8). */
    @Override
    void pause(long now) {
        if (epoch) {
            epochStart += now - lastAckAt;
            lastAckAt = now;
        }
    }

    @Override
    void onReduced(int before) {
        plateau = before < plateau ? before * CONVERGENCE : before;
        prior = before;
        epoch = false;
    }

    @Override
    void onCollapsed(int before) {
        plateau = 0;
        prior = before;
        epoch = false;
    }

    @Override
    void onRestart() {
        epoch = false;
    }

    @Override
    void save() {
        plateauBefore = plateau;
        priorBefore = prior;
        epochBefore = epoch;
        epochStartBefore = epochStart;
        plateauSecondsBefore = plateauSeconds;
        friendlyBefore = friendly;
    }

    @Override
    void restore() {
        plateau = plateauBefore;
        prior = priorBefore;
        epoch = epochBefore;
        epochStart = epochStartBefore;
        plateauSeconds = plateauSecondsBefore;
        friendly = friendlyBefore;
    }
}
