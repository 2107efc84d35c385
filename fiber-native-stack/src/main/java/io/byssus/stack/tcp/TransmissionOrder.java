package io.byssus.stack.tcp;

/**
 * Slots of a ring in the order in which they were sent last: a list with two links for each slot
 * (RFC 8985, section 6.2, advises one, so that the oldest are found without a search).
 *
 * <p><b>Ownership:</b> confined, a part of {@link SentSegments}.
 */
final class TransmissionOrder {
    static final int NONE = SlotSet.NONE;

    private final int[] newer;
    private final int[] older;
    private int oldest = NONE;
    private int newest = NONE;

    TransmissionOrder(int capacity) {
        newer = new int[capacity];
        older = new int[capacity];
    }

    int oldest() {
        return oldest;
    }

    /** The one after {@code slot}, or {@link #NONE}. */
    int newerThan(int slot) {
        return newer[slot];
    }

    boolean isEmpty() {
        return oldest == NONE;
    }

    void addNewest(int slot) {
        older[slot] = newest;
        newer[slot] = NONE;
        if (newest == NONE) {
            oldest = slot;
        } else {
            newer[newest] = slot;
        }
        newest = slot;
    }

    void addOldest(int slot) {
        newer[slot] = oldest;
        older[slot] = NONE;
        if (oldest == NONE) {
            newest = slot;
        } else {
            older[oldest] = slot;
        }
        oldest = slot;
    }

    void remove(int slot) {
        int before = older[slot];
        int after = newer[slot];
        if (before == NONE) {
            assert oldest == slot;
            oldest = after;
        } else {
            newer[before] = after;
        }
        if (after == NONE) {
            assert newest == slot;
            newest = before;
        } else {
            older[after] = before;
        }
    }
}
