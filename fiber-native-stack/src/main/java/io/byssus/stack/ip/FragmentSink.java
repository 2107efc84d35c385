package io.byssus.stack.ip;

/** Where a {@link Fragmenter} writes. */
public interface FragmentSink {
    /** Answer of {@link #begin}: there is no room. */
    long NO_ROOM = 0;

    /** The address of room for a packet of {@code length} bytes, or {@link #NO_ROOM}. */
    long begin(int length);

    /** The packet that was begun is written. */
    void end(long address, int length);
}
