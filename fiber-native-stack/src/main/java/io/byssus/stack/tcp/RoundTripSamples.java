package io.byssus.stack.tcp;

/**
 * What acknowledgments tell the {@link RoundTripEstimator}: a sample, if it is certain which
 * transmission they answer; else at least whether they came when an answer was due.
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class RoundTripSamples {
    private final AcknowledgmentReader reader;
    private final RoundTripEstimator roundTrip;

    RoundTripSamples(AcknowledgmentReader reader, RoundTripEstimator roundTrip) {
        this.reader = reader;
        this.roundTrip = roundTrip;
    }

    /**
     * Takes the acknowledgment that was read last.
     *
     * @param flightBytes what was outstanding before it
     * @return the sample, or 0 if there is none
     */
    long take(long now, Acknowledgment ack, int flightBytes, int segmentBytes) {
        long sample = reader.roundTripNanos(now, ack);
        if (sample != 0) {
            int perRoundTrip = (flightBytes - 1) / (2 * segmentBytes) + 1;
            roundTrip.onSample(now, sample, perRoundTrip);
        } else if (reader.acknowledged() > 0) {
            roundTrip.onAmbiguous(reader.sinceSentNanos(now));
        }
        return sample;
    }

    /** Whether it came when the answer to the last transmission of what it delivers was due. */
    boolean answersLast(long now) {
        return roundTrip.isUsual(reader.sinceSentNanos(now));
    }
}
