package io.byssus.runtime.reactor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What shares promise, said without a scheduler: as long as two neighbours both have something to
 * run and keep their shares, what they get, divided by their shares, differs by no more than a few
 * slices. It adds up what each has got, and knows nothing of virtual time.
 */
final class FairnessModel {
    /** A part of a slice may be before the beginning, or after the end, of what is compared. */
    private static final int SLICES_OFF = 2;

    private final Contestant top = new Contestant(null, null);
    private long longestSliceNanos;
    private int comparisons;

    /** A group with what is nested in it, or a group's own tasks beside the nested ones. */
    static final class Contestant {
        final Contestant around;
        private final SchedulingGroup group;
        private final List<Contestant> parts = new ArrayList<>();

        /** Tasks of its own that wait or run, and of its parts. */
        private int pending;

        /** What it has got, divided by its shares. */
        private double got;

        /** The fewest shares by which what it got may still be reckoned. */
        private int shares;

        /** How much more than its neighbours it had got when both of them began to compete. */
        private final Map<Contestant, Double> ahead = new HashMap<>();

        Contestant(Contestant around, SchedulingGroup group) {
            this.around = around;
            this.group = group;
            this.shares = sharesNow();
            if (around != null) {
                around.parts.add(this);
            }
        }

        private int sharesNow() {
            return group == null ? SchedulingGroup.SHARES_DEFAULT : group.shares();
        }

        private void compareFromNowOn() {
            for (Contestant other : around.parts) {
                if (other != this) {
                    ahead.put(other, got - other.got);
                    other.ahead.put(this, other.got - got);
                }
            }
        }
    }

    Contestant top() {
        return top;
    }

    /** How often two neighbours have been compared. */
    int comparisons() {
        return comparisons;
    }

    long longestSliceNanos() {
        return longestSliceNanos;
    }

    void offered(Contestant leaf) {
        for (Contestant c = leaf; c != top; c = c.around) {
            if (c.pending++ == 0) {
                c.compareFromNowOn();
            }
        }
    }

    void ended(Contestant leaf) {
        for (Contestant c = leaf; c != top; c = c.around) {
            c.pending--;
        }
    }

    void sharesChange(Contestant whole, Runnable change) {
        int before = whole.sharesNow();
        change.run();
        whole.shares = Math.min(Math.min(before, whole.shares), whole.sharesNow());
        whole.compareFromNowOn();
    }

    /** It has won: what it owed by earlier shares is paid. */
    void sliceBegins(Contestant leaf) {
        for (Contestant c = leaf; c != top; c = c.around) {
            if (c.shares != c.sharesNow()) {
                c.shares = c.sharesNow();
                c.compareFromNowOn();
            }
        }
    }

    /** A task has run, in a slice that lasts for {@code sliceNanos} by now. */
    void ran(Contestant leaf, long nanos, long sliceNanos) {
        longestSliceNanos = Math.max(longestSliceNanos, sliceNanos);
        for (Contestant c = leaf; c != top; c = c.around) {
            c.got += nanos / (double) c.sharesNow();
            compare(c);
        }
    }

    private void compare(Contestant one) {
        for (Contestant other : one.around.parts) {
            if (other != one && other.pending > 0) {
                comparisons++;
                double slice = SLICES_OFF * (double) longestSliceNanos;
                double most = slice / one.shares + slice / other.shares + 1;
                double off = one.got - other.got - one.ahead.get(other);
                if (Math.abs(off) > most) {
                    throw new AssertionError(
                            "%s of %d shares is ahead of %s of %d by %.0f, at most %.0f expected"
                                    .formatted(
                                            one.group,
                                            one.shares,
                                            other.group,
                                            other.shares,
                                            off,
                                            most));
                }
            }
        }
    }
}
