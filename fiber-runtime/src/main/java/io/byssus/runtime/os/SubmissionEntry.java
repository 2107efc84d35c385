package io.byssus.runtime.os;

/**
 * {@code struct io_uring_sqe}, an operation for the kernel:
 *
 * <pre>{@code
 * struct io_uring_sqe {
 *    0  __u8  opcode;
 *    1  __u8  flags;
 *    2  __u16 ioprio;
 *    4  __s32 fd;
 *    8  __u64 off;
 *   16  __u64 addr;
 *   24  __u32 len;
 *   28  __u32 msg_flags;      // or poll32_events, accept_flags, cancel_flags
 *   32  __u64 user_data;
 *   40  __u16 buf_group;
 *   42  __u16 personality;
 *   44  __s32 splice_fd_in;
 *   48  __u64 addr3;
 *   56  __u64 __pad2;
 * };                          // 64 bytes
 * }</pre>
 */
public final class SubmissionEntry {
    public static final int BYTES = 64;

    private static final int OFF_OFFSET = 8;
    private static final int ADDRESS_OFFSET = 16;
    private static final int LENGTH_OFFSET = 24;
    private static final int USER_DATA_OFFSET = 32;
    private static final int BUFFER_GROUP_OFFSET = 40;
    private static final int ADDRESS_3_OFFSET = 48;
    private static final int PADDING_OFFSET = 56;

    private SubmissionEntry() {}

    /**
     * Writes a whole entry.
     *
     * @param flags {@code IOSQE_*}
     * @param priority {@code ioprio}: the operation's own flags
     * @param operationFlags {@code msg_flags} and the like
     */
    public static void put(
            long entry,
            int operation,
            int flags,
            int priority,
            int fd,
            long address,
            int length,
            int operationFlags,
            long userData) {
        long head = operation | flags << Byte.SIZE | priority << Short.SIZE;
        RawMemory.putLong(entry, (head & 0xffff_ffffL) | (long) fd << Integer.SIZE);
        RawMemory.putLong(entry + OFF_OFFSET, 0);
        RawMemory.putLong(entry + ADDRESS_OFFSET, address);
        long sizes = (length & 0xffff_ffffL) | (long) operationFlags << Integer.SIZE;
        RawMemory.putLong(entry + LENGTH_OFFSET, sizes);
        RawMemory.putLong(entry + USER_DATA_OFFSET, userData);
        RawMemory.putLong(entry + BUFFER_GROUP_OFFSET, 0); // the group is always 0
        RawMemory.putLong(entry + ADDRESS_3_OFFSET, 0);
        RawMemory.putLong(entry + PADDING_OFFSET, 0);
    }
}
