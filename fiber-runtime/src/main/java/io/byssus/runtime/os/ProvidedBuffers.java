package io.byssus.runtime.os;

/**
 * A ring of buffers for the kernel to receive into ({@code struct io_uring_buf_ring}), and what it
 * is registered with:
 *
 * <pre>{@code
 * struct io_uring_buf {      struct io_uring_buf_reg {
 *    0  __u64 addr;             0  __u64 ring_addr;
 *    8  __u32 len;              8  __u32 ring_entries;
 *   12  __u16 bid;             12  __u16 bgid;
 *   14  __u16 resv;            14  __u16 flags;        // pad before Linux 6.4
 * };   // 16 bytes             16  __u64 resv[3];
 *                           };   // 40 bytes
 * }</pre>
 *
 * The ring's tail is where the first entry's {@code resv} is.
 */
public final class ProvidedBuffers {
    public static final int ENTRY_BYTES = 16;
    public static final int REGISTRATION_BYTES = 40;

    private static final int LENGTH_OFFSET = 8;
    private static final int ID_OFFSET = 12;
    private static final int TAIL_OFFSET = 14;
    private static final int FLAGS_OFFSET = 14;

    private ProvidedBuffers() {}

    /** Fills a registration of group 0. */
    public static void register(long registration, long ring, int entries, int flags) {
        RawMemory.fill(registration, REGISTRATION_BYTES, (byte) 0);
        RawMemory.putLong(registration, ring);
        RawMemory.putInt(registration + LENGTH_OFFSET, entries);
        RawMemory.putShort(registration + FLAGS_OFFSET, (short) flags);
    }

    /** Puts a buffer at {@code index}; it counts with the next {@link #tailRelease}. */
    public static void put(long ring, int index, long address, int length, int id) {
        long entry = ring + (long) index * ENTRY_BYTES;
        RawMemory.putLong(entry, address);
        RawMemory.putInt(entry + LENGTH_OFFSET, length);
        RawMemory.putShort(entry + ID_OFFSET, (short) id);
    }

    public static void tailRelease(long ring, int tail) {
        RawMemory.putShortRelease(ring + TAIL_OFFSET, (short) tail);
    }
}
