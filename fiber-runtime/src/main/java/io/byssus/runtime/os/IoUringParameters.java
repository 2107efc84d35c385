package io.byssus.runtime.os;

/**
 * {@code struct io_uring_params}: what a ring is to be, and where its parts are in the mapping:
 *
 * <pre>{@code
 * struct io_uring_params {
 *    0  __u32 sq_entries;
 *    4  __u32 cq_entries;
 *    8  __u32 flags;
 *   20  __u32 features;
 *   40  struct io_sqring_offsets sq_off;   // head 0, tail 4, ring_mask 8, ring_entries 12,
 *                                          // flags 16, dropped 20, array 24
 *   80  struct io_cqring_offsets cq_off;   // head 0, tail 4, ring_mask 8, ring_entries 12,
 *                                          // overflow 16, cqes 20
 * };                                       // 120 bytes
 * }</pre>
 */
public final class IoUringParameters {
    public static final int BYTES = 120;

    private static final int CQ_ENTRIES_OFFSET = 4;
    private static final int FLAGS_OFFSET = 8;
    private static final int FEATURES_OFFSET = 20;
    private static final int SQ_OFFSET = 40;
    private static final int CQ_OFFSET = 80;
    private static final int TAIL_OFFSET = 4;
    private static final int SQ_FLAGS_OFFSET = 16;
    private static final int SQ_ARRAY_OFFSET = 24;
    private static final int CQES_OFFSET = 20;

    private IoUringParameters() {}

    /** Asks for a ring with {@code flags} and room for so many completions. */
    public static void begin(long parameters, int flags, int completions) {
        RawMemory.fill(parameters, BYTES, (byte) 0);
        RawMemory.putInt(parameters + FLAGS_OFFSET, flags);
        RawMemory.putInt(parameters + CQ_ENTRIES_OFFSET, completions);
    }

    public static int features(long parameters) {
        return RawMemory.getInt(parameters + FEATURES_OFFSET);
    }

    /** A power of two. */
    public static int submissionCount(long parameters) {
        return RawMemory.getInt(parameters);
    }

    /** A power of two. */
    public static int completionCount(long parameters) {
        return RawMemory.getInt(parameters + CQ_ENTRIES_OFFSET);
    }

    /** Offset of the submission queue's tail in the mapping. */
    public static int submissionTail(long parameters) {
        return RawMemory.getInt(parameters + SQ_OFFSET + TAIL_OFFSET);
    }

    public static int submissionHead(long parameters) {
        return RawMemory.getInt(parameters + SQ_OFFSET);
    }

    public static int submissionFlags(long parameters) {
        return RawMemory.getInt(parameters + SQ_OFFSET + SQ_FLAGS_OFFSET);
    }

    public static int submissionArray(long parameters) {
        return RawMemory.getInt(parameters + SQ_OFFSET + SQ_ARRAY_OFFSET);
    }

    public static int completionHead(long parameters) {
        return RawMemory.getInt(parameters + CQ_OFFSET);
    }

    public static int completionTail(long parameters) {
        return RawMemory.getInt(parameters + CQ_OFFSET + TAIL_OFFSET);
    }

    public static int completionEntries(long parameters) {
        return RawMemory.getInt(parameters + CQ_OFFSET + CQES_OFFSET);
    }
}
