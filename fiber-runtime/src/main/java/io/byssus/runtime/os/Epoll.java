package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * epoll(7), and {@code struct epoll_event}:
 *
 * <pre>{@code
 * struct epoll_event {        // packed on x86-64 (12 bytes), naturally aligned elsewhere (16)
 *     uint32_t     events;
 *     epoll_data_t data;      // u64
 * };
 * }</pre>
 */
public final class Epoll {
    public static final int EPOLLIN = 0x001;
    public static final int EPOLLOUT = 0x004;
    public static final int EPOLLERR = 0x008;
    public static final int EPOLLHUP = 0x010;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int EPOLLET = 1 << 31;

    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;

    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

    /** Bytes of one {@code struct epoll_event}. */
    public static final int EVENT_BYTES = PACKED ? 12 : 16;

    private static final int DATA_OFFSET = PACKED ? 4 : 8;
    private static final int EPOLL_CLOEXEC = 02000000;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private static final MethodHandle EPOLL_CREATE1 =
            Downcalls.withErrno("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CTL =
            Downcalls.withErrno("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle EPOLL_WAIT =
            Downcalls.withErrno("epoll_wait", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_POLL =
            Downcalls.criticalWithErrno(
                    "epoll_wait", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_PWAIT2 =
            Downcalls.withErrno(
                    "epoll_pwait2", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private Epoll() {}

    /** A new epoll descriptor (close-on-exec), or -1. */
    public static int create(CallState state) {
        try {
            return (int) EPOLL_CREATE1.invokeExact(state.segment, EPOLL_CLOEXEC);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** {@code epoll_ctl}: 0, or -1. */
    public static int control(
            CallState state, int epollFd, int operation, int fd, long eventAddress) {
        try {
            return (int) EPOLL_CTL.invokeExact(state.segment, epollFd, operation, fd, eventAddress);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Events that are ready now, without waiting: their number, or -1. */
    public static int poll(CallState state, int epollFd, long events, int capacity) {
        try {
            return (int) EPOLL_POLL.invokeExact(state.segment, epollFd, events, capacity, 0);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Waits for an event without a time limit: the number of events, or -1. */
    public static int await(CallState state, int epollFd, long events, int capacity) {
        try {
            return (int) EPOLL_WAIT.invokeExact(state.segment, epollFd, events, capacity, -1);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /**
     * Waits for an event for at most {@code timeoutNanos}, which {@code epoll_wait} would round to
     * milliseconds: the number of events, or -1.
     *
     * @param timespec address of 16 bytes for {@code struct timespec}
     */
    public static int await(
            CallState state,
            int epollFd,
            long events,
            int capacity,
            long timeoutNanos,
            long timespec) {
        RawMemory.putLong(timespec, timeoutNanos / NANOS_PER_SECOND);
        RawMemory.putLong(timespec + Long.BYTES, timeoutNanos % NANOS_PER_SECOND);
        try {
            return (int)
                    EPOLL_PWAIT2.invokeExact(
                            state.segment, epollFd, events, capacity, timespec, 0L);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    public static int events(long eventAddress) {
        return RawMemory.getInt(eventAddress);
    }

    public static long data(long eventAddress) {
        return RawMemory.getLong(eventAddress + DATA_OFFSET);
    }

    /** Fills the event at {@code eventAddress}. */
    public static void put(long eventAddress, int events, long data) {
        RawMemory.putInt(eventAddress, events);
        RawMemory.putLong(eventAddress + DATA_OFFSET, data);
    }

    /** Offset of the field {@code data}; for the test that compares it with the C compiler's. */
    static int dataOffset() {
        return DATA_OFFSET;
    }
}
