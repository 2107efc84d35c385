package io.byssus.stack.device;

import java.time.Duration;

/**
 * What a network does to the frames that pass in one direction. Probabilities are between 0 and 1.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param loss that a frame is dropped
 * @param duplication that a frame comes twice
 * @param corruption that one bit of a frame is wrong
 * @param reordering that a frame takes {@code reorderingDelay} longer, so that others overtake it
 * @param delay what every frame takes
 * @param bitsPerSecond of the narrowest place, or {@link #NO_LIMIT}
 * @param queueBytesMax what waits before the narrowest place; a frame that finds more is dropped
 */
public record Faults(
        double loss,
        double duplication,
        double corruption,
        double reordering,
        Duration reorderingDelay,
        Duration delay,
        long bitsPerSecond,
        long queueBytesMax) {
    public static final long NO_LIMIT = Long.MAX_VALUE;

    /** A direction in which nothing happens. */
    public static final Faults NONE =
            new Faults(0, 0, 0, 0, Duration.ZERO, Duration.ZERO, NO_LIMIT, NO_LIMIT);

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException for a probability, delay or limit that cannot be
     */
    public Faults {
        probability("loss", loss);
        probability("duplication", duplication);
        probability("corruption", corruption);
        probability("reordering", reordering);
        if (reorderingDelay.isNegative() || delay.isNegative()) {
            throw new IllegalArgumentException(
                    "reorderingDelay=" + reorderingDelay + " delay=" + delay);
        }
        if (bitsPerSecond <= 0 || queueBytesMax <= 0) {
            throw new IllegalArgumentException(
                    "bitsPerSecond=" + bitsPerSecond + " queueBytesMax=" + queueBytesMax);
        }
    }

    public Faults withLoss(double probability) {
        return new Faults(
                probability,
                duplication,
                corruption,
                reordering,
                reorderingDelay,
                delay,
                bitsPerSecond,
                queueBytesMax);
    }

    public Faults withDuplication(double probability) {
        return new Faults(
                loss,
                probability,
                corruption,
                reordering,
                reorderingDelay,
                delay,
                bitsPerSecond,
                queueBytesMax);
    }

    public Faults withCorruption(double probability) {
        return new Faults(
                loss,
                duplication,
                probability,
                reordering,
                reorderingDelay,
                delay,
                bitsPerSecond,
                queueBytesMax);
    }

    public Faults withReordering(double probability, Duration by) {
        return new Faults(
                loss,
                duplication,
                corruption,
                probability,
                by,
                delay,
                bitsPerSecond,
                queueBytesMax);
    }

    public Faults withDelay(Duration of) {
        return new Faults(
                loss,
                duplication,
                corruption,
                reordering,
                reorderingDelay,
                of,
                bitsPerSecond,
                queueBytesMax);
    }

    /** A place through which so many bits pass per second, with a queue before it. */
    public Faults withRate(long bits, long queueBytes) {
        return new Faults(
                loss,
                duplication,
                corruption,
                reordering,
                reorderingDelay,
                delay,
                bits,
                queueBytes);
    }

    private static void probability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + "=" + value + ": expected 0 to 1");
        }
    }
}
