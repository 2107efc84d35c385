package io.byssus.stack.tcp;

/**
 * Marks segments as lost: those that were sent long enough before one that has arrived (RFC 8985,
 * section 6.2, step 5, and 6.3).
 *
 * <p><b>Ownership:</b> confined, a part of {@link LossRecovery}.
 */
final class LossDetector {
    /** So many segments that are not late yet are looked at to set the timer exactly. */
    private static final int EARLY_LOOKS_MAX = 16;

    private final SentSegments segments;
    private final RecentDelivery recent;
    private final ReorderWindow reordering;
    private final RoundTripEstimator roundTrip;
    private final RecoveryCounters counters;

    LossDetector(
            SentSegments segments,
            RecentDelivery recent,
            ReorderWindow reordering,
            RoundTripEstimator roundTrip,
            RecoveryCounters counters) {
        this.segments = segments;
        this.recent = recent;
        this.reordering = reordering;
        this.roundTrip = roundTrip;
        this.counters = counters;
    }

    /**
     * Marks what is late (RACK_detect_loss).
     *
     * @return when the last of what may only be out of order is late too, or {@link
     *     RecoveryTimers#NONE}. With very much of it, a little after that, as not all is looked at.
     */
    long markLate(long now, boolean recovering) {
        if (!recent.isKnown()) {
            return RecoveryTimers.NONE;
        }
        long patience = patienceNanos(recovering);
        long timer = RecoveryTimers.NONE;
        int early = 0;
        int slot = segments.oldestInFlight();
        while (slot != SentSegments.NONE
                && recent.isAfter(segments.sentNanos(slot), segments.end(slot))) {
            int newer = segments.newerThan(slot);
            long late = segments.sentNanos(slot) + patience;
            if (late <= now) {
                markLost(slot);
            } else {
                early++;
                if (early > EARLY_LOOKS_MAX) {
                    return recent.sentNanos() + patience;
                }
                timer = timer == RecoveryTimers.NONE ? late : Math.max(timer, late);
            }
            slot = newer;
        }
        return timer;
    }

    /**
     * The retransmission timer fired: the first is lost, and what was sent long enough ago
     * (RACK_mark_losses_on_RTO); all of it without SACK, and while nothing has been delivered to
     * compare with.
     */
    void markOnTimeout(long now, boolean selective) {
        int first = segments.first();
        if (!segments.isSacked(first) && !segments.isLost(first)) {
            markLost(first);
        }
        long latestLost = selective && recent.isKnown() ? now - patienceNanos(true) : now;
        int slot = segments.oldestInFlight();
        while (slot != SentSegments.NONE && segments.sentNanos(slot) <= latestLost) {
            int newer = segments.newerThan(slot);
            markLost(slot);
            slot = newer;
        }
    }

    /** Without SACK: the first is lost, of the others nothing is known. */
    void markFirst() {
        int first = segments.first();
        if (first != SentSegments.NONE && !segments.isLost(first)) {
            markLost(first);
        }
    }

    /** A router has refused what is longer than {@code bytes}; says whether that is anything. */
    boolean markLonger(int bytes) {
        boolean any = false;
        int slot = segments.first();
        while (slot != SentSegments.NONE) {
            if (segments.length(slot) > bytes && segments.isInFlight(slot)) {
                markLost(slot);
                any = true;
            }
            slot = segments.nextOf(slot);
        }
        return any;
    }

    private long patienceNanos(boolean recovering) {
        return recent.roundTripNanos()
                + reordering.nanos(roundTrip, recovering, segments.sackedCount());
    }

    private void markLost(int slot) {
        counters.lostSegments++;
        if (segments.wasRetransmitted(slot)) {
            counters.lostRetransmissions++;
        }
        segments.markLost(slot);
    }
}
