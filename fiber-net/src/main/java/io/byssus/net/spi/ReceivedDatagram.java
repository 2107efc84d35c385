package io.byssus.net.spi;

/**
 * What a stack tells of a datagram beside its payload; filled anew by every {@link
 * StackDatagrams#receive}.
 *
 * <p><b>Ownership:</b> of whoever made it.
 */
public final class ReceivedDatagram {
    private final DatagramAddress source = new DatagramAddress();
    private int length;

    /** Of nothing. */
    public ReceivedDatagram() {}

    /** Who sent it. */
    public DatagramAddress source() {
        return source;
    }

    /** Bytes that were sent: more than its payload has, if that was cut off. */
    public int length() {
        return length;
    }

    /** Sets {@link #length}. */
    public void length(int bytes) {
        length = bytes;
    }
}
