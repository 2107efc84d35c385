package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * eventfd(2): wakes a thread that waits in epoll.
 *
 * <p>Registered edge-triggered, each write is an edge of its own, so nobody ever reads the counter;
 * it would take 2^64 - 1 writes to fill it.
 */
public final class EventFd {
    private static final int EFD_CLOEXEC = 02000000;
    private static final int EFD_NONBLOCK = 04000;

    private static final MethodHandle EVENTFD =
            Downcalls.withErrno("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle EVENTFD_WRITE =
            Downcalls.plain("eventfd_write", JAVA_INT, JAVA_INT, JAVA_LONG);

    private EventFd() {}

    /** A new nonblocking, close-on-exec eventfd, or -1. */
    public static int create(CallState state) {
        try {
            return (int) EVENTFD.invokeExact(state.segment, 0, EFD_CLOEXEC | EFD_NONBLOCK);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Makes {@code fd} readable. From any thread. */
    public static void signal(int fd) {
        try {
            int ignored = (int) EVENTFD_WRITE.invokeExact(fd, 1L);
            assert ignored == 0 : "eventfd_write failed";
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }
}
