package io.byssus.stack.tcp;

/**
 * Where outgoing segments are written: straight into the frame that goes to the device. A segment
 * is begun, written, and ended, or it is not begun at all.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public interface SegmentSink {
    /** Whether {@link #begin} would take a segment now. */
    boolean hasRoom();

    /**
     * The longest text of a segment that the device cuts into several; 0 if none does, and every
     * segment must be as long as the path takes.
     */
    default int cutTextMax() {
        return 0;
    }

    /**
     * Room for one segment of {@code length} bytes, header and text, from {@code flow}'s local to
     * its remote end.
     *
     * @return the address of its first byte
     */
    long begin(Flow flow, int length);

    /**
     * The segment that was begun is written, all but its checksum.
     *
     * @param trafficClass of the IP header: differentiated services, congestion (RFC 3168)
     * @param segmentBytes text of each segment, where there is more than one
     */
    void end(int trafficClass, int segmentBytes);
}
