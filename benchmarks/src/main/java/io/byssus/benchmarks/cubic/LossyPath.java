package io.byssus.benchmarks.cubic;

import io.byssus.stack.device.Faults;
import java.time.Duration;

/** The path that both stacks send over, the same in both directions. */
final class LossyPath {
    static final double LOSS = 0.01;
    static final long BITS_PER_SECOND = 100_000_000;
    static final Duration ROUND_TRIP = Duration.ofMillis(20);

    /** One bandwidth-delay product. */
    static final long QUEUE_BYTES =
            BITS_PER_SECOND / Byte.SIZE * ROUND_TRIP.toMillis() / Duration.ofSeconds(1).toMillis();

    static final Faults FAULTS =
            Faults.NONE
                    .withLoss(LOSS)
                    .withDelay(ROUND_TRIP.dividedBy(2))
                    .withRate(BITS_PER_SECOND, QUEUE_BYTES);

    private static final double PERCENT = 100;
    private static final double MEGA = 1e6;

    private LossyPath() {}

    static String description() {
        return String.format(
                "%.0f Mbit/s, round trip %d ms; %.0f %% of all frames lost, and a queue of %d bytes, in"
                        + " each direction",
                BITS_PER_SECOND / MEGA, ROUND_TRIP.toMillis(), LOSS * PERCENT, QUEUE_BYTES);
    }
}
