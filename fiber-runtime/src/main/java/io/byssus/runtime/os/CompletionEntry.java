package io.byssus.runtime.os;

/**
 * {@code struct io_uring_cqe}, what became of an operation:
 *
 * <pre>{@code
 * struct io_uring_cqe {
 *    0  __u64 user_data;
 *    8  __s32 res;          // or an error number, negative
 *   12  __u32 flags;
 * };                        // 16 bytes
 * }</pre>
 */
public final class CompletionEntry {
    public static final int BYTES = 16;

    private static final int RESULT_OFFSET = 8;
    private static final int FLAGS_OFFSET = 12;

    private CompletionEntry() {}

    public static long userData(long entry) {
        return RawMemory.getLong(entry);
    }

    public static int result(long entry) {
        return RawMemory.getInt(entry + RESULT_OFFSET);
    }

    public static int flags(long entry) {
        return RawMemory.getInt(entry + FLAGS_OFFSET);
    }
}
