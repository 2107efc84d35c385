package io.byssus.runtime.os;

/**
 * An array of {@code struct iovec}, for calls that gather or scatter:
 *
 * <pre>{@code
 * struct iovec {
 *   0  void  *iov_base;
 *   8  size_t iov_len;
 * };                  // 16 bytes on 64-bit Linux
 * }</pre>
 */
public final class IoVectors {
    private static final int VECTOR_BYTES = 16;
    private static final int LENGTH_OFFSET = 8;

    private IoVectors() {}

    /** Bytes of an array of {@code slices}. */
    public static int bytes(int slices) {
        return slices * VECTOR_BYTES;
    }

    public static void slice(long vectors, int index, long address, long length) {
        long vector = vectors + (long) index * VECTOR_BYTES;
        RawMemory.putLong(vector, address);
        RawMemory.putLong(vector + LENGTH_OFFSET, length);
    }
}
