package io.byssus.stack.device;

/**
 * What has happened to the frames of one direction.
 *
 * <p><b>Ownership:</b> confined to its carrier.
 */
public final class FaultCounters {
    long offered;
    long lost;
    long duplicated;
    long corrupted;
    long delayed;
    long overflowed;
    long delivered;

    FaultCounters() {}

    /** Frames that went in. */
    public long offered() {
        return offered;
    }

    /** Frames that were dropped by chance. */
    public long lost() {
        return lost;
    }

    /** Frames of which there came a second one. */
    public long duplicated() {
        return duplicated;
    }

    /** Frames with a wrong bit. */
    public long corrupted() {
        return corrupted;
    }

    /** Frames that were held back, so that others overtook them. */
    public long delayed() {
        return delayed;
    }

    /** Frames that found the queue before the narrowest place full. */
    public long overflowed() {
        return overflowed;
    }

    /** Frames that came out, second ones included. */
    public long delivered() {
        return delivered;
    }

    @Override
    public String toString() {
        return "offered="
                + offered
                + " lost="
                + lost
                + " duplicated="
                + duplicated
                + " corrupted="
                + corrupted
                + " delayed="
                + delayed
                + " overflowed="
                + overflowed
                + " delivered="
                + delivered;
    }
}
