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
     * @param segmentBytes text per segment where the text is longer than one: the device, or the
     *     sink itself, cuts it
     */
    void end(int trafficClass, int segmentBytes);
}
