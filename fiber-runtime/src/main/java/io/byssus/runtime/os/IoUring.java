package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * io_uring(7): its three system calls, which the C library does not wrap, the mapping of its rings,
 * and its numbers. Those of newer kernels than this project's oldest C headers have names of our
 * own.
 */
public final class IoUring {
    public static final int IORING_SETUP_CQSIZE = 1 << 3;

    /** Made so, the ring belongs to the thread that enables it. */
    public static final int IORING_SETUP_R_DISABLED = 1 << 6;

    public static final int IORING_SETUP_SUBMIT_ALL = 1 << 7;

    /** {@link #IORING_SQ_TASKRUN} tells that the kernel has work to do in this thread. */
    public static final int IORING_SETUP_TASKRUN_FLAG = 1 << 9;

    public static final int IORING_SETUP_SINGLE_ISSUER = 1 << 12;
    public static final int IORING_SETUP_DEFER_TASKRUN = 1 << 13;

    public static final int IORING_SQ_CQ_OVERFLOW = 1 << 1;
    public static final int IORING_SQ_TASKRUN = 1 << 2;

    public static final int IORING_ENTER_GETEVENTS = 1;
    public static final int IORING_ENTER_EXT_ARG = 1 << 3;

    public static final int IORING_FEAT_NODROP = 1 << 1;
    public static final int IORING_FEAT_SUBMIT_STABLE = 1 << 2;
    public static final int IORING_FEAT_EXT_ARG = 1 << 8;
    public static final int IORING_FEAT_CQE_SKIP = 1 << 11;

    public static final int IORING_REGISTER_ENABLE_RINGS = 12;
    public static final int IORING_REGISTER_PBUF_RING = 22;
    public static final int IORING_UNREGISTER_PBUF_RING = 23;

    public static final int IORING_OP_POLL_ADD = 6;
    public static final int IORING_OP_SENDMSG = 9;
    public static final int IORING_OP_ACCEPT = 13;
    public static final int IORING_OP_ASYNC_CANCEL = 14;
    public static final int IORING_OP_SEND = 26;
    public static final int IORING_OP_RECV = 27;
    public static final int IORING_OP_SEND_ZC = 47;

    public static final int IORING_POLL_ADD_MULTI = 1;
    public static final int IORING_ACCEPT_MULTISHOT = 1;
    public static final int IORING_RECV_MULTISHOT = 1 << 1;
    public static final int IORING_SEND_ZC_REPORT_USAGE = 1 << 3;

    /** The result of a notification: the kernel has copied after all. */
    public static final int IORING_NOTIF_USAGE_ZC_COPIED = 1 << 31;

    public static final int IOSQE_BUFFER_SELECT = 1 << 5;
    public static final int IOSQE_CQE_SKIP_SUCCESS = 1 << 6;

    public static final int IORING_CQE_F_BUFFER = 1;
    public static final int IORING_CQE_F_MORE = 1 << 1;
    public static final int IORING_CQE_F_NOTIF = 1 << 3;
    public static final int IORING_CQE_BUFFER_SHIFT = 16;

    /** {@code IORING_CQE_F_BUF_MORE}, Linux 6.12: the rest of the buffer stays in the ring. */
    public static final int CQE_BUFFER_STAYS = 1 << 4;

    /** {@code IOU_PBUF_RING_INC}, Linux 6.12: buffers are used bit by bit. */
    public static final int BUFFERS_BIT_BY_BIT = 2;

    private static final long IORING_OFF_SQ_RING = 0;
    private static final long IORING_OFF_SQES = 0x10000000L;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int MAP_POPULATE = 0x8000;

    private static final MethodHandle SYSCALL =
            Downcalls.withErrno(
                    "syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MMAP =
            Downcalls.withErrno(
                    "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                    JAVA_LONG);
    private static final MethodHandle MUNMAP =
            Downcalls.withErrno("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);

    private IoUring() {}

    /**
     * A new ring's descriptor (close-on-exec), or -1.
     *
     * @param parameters the address of {@link IoUringParameters}
     */
    public static int setup(CallState state, int entries, long parameters) {
        return (int) call(state, SystemCallNumbers.IO_URING_SETUP, entries, parameters, 0, 0, 0, 0);
    }

    /**
     * Submits and waits: how many entries were taken, or -1.
     *
     * @param argument the address of {@link IoUringWait} with {@link #IORING_ENTER_EXT_ARG}, else 0
     */
    public static int enter(
            CallState state, int ring, int submitted, int completedMin, int flags, long argument) {
        return (int)
                call(
                        state,
                        SystemCallNumbers.IO_URING_ENTER,
                        ring,
                        submitted,
                        completedMin,
                        flags,
                        argument,
                        argument == 0 ? 0 : IoUringWait.BYTES);
    }

    /** {@code io_uring_register}: 0, or -1. */
    public static int register(
            CallState state, int ring, int operation, long argument, int arguments) {
        return (int)
                call(
                        state,
                        SystemCallNumbers.IO_URING_REGISTER,
                        ring,
                        operation,
                        argument,
                        arguments,
                        0,
                        0);
    }

    /** The address of a ring's two queues, or -1. */
    public static long mapQueues(CallState state, int ring, long bytes) {
        return map(state, ring, bytes, IORING_OFF_SQ_RING);
    }

    /** The address of a ring's submission entries, or -1. */
    public static long mapEntries(CallState state, int ring, long bytes) {
        return map(state, ring, bytes, IORING_OFF_SQES);
    }

    /** Undoes {@link #mapQueues} or {@link #mapEntries}. */
    public static void unmap(CallState state, long address, long bytes) {
        try {
            int ignored = (int) MUNMAP.invokeExact(state.segment, address, bytes);
            assert ignored == 0 : "munmap failed";
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    private static long map(CallState state, int ring, long bytes, long offset) {
        try {
            return (long)
                    MMAP.invokeExact(
                            state.segment,
                            0L,
                            bytes,
                            PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_POPULATE,
                            ring,
                            offset);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    private static long call(
            CallState state, long number, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) SYSCALL.invokeExact(state.segment, number, a, b, c, d, e, f);
        } catch (Throwable failure) {
            throw Downcalls.unreachable(failure);
        }
    }
}
