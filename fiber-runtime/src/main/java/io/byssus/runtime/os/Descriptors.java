package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Calls that any file descriptor takes. */
public final class Descriptors {
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 02000000;

    private static final MethodHandle CLOSE = Downcalls.withErrno("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle OPEN =
            Downcalls.withErrno("open", JAVA_INT, JAVA_LONG, JAVA_INT);

    private static final MemorySegment DEV_NULL = Arena.global().allocateFrom("/dev/null");

    private Descriptors() {}

    /**
     * Closes {@code fd}. On Linux the descriptor is gone whatever the result, so there is nothing a
     * caller could do about a failure.
     */
    public static void close(CallState state, int fd) {
        assert fd >= 0 : "fd=" + fd;
        try {
            int result = (int) CLOSE.invokeExact(state.segment, fd);
            assert result == 0 || state.errno() != Errno.EBADF : "closed twice: fd=" + fd;
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /**
     * Opens a file.
     *
     * @param path ends with a zero byte
     * @return a close-on-exec descriptor, or -1
     */
    static int openForReading(CallState state, MemorySegment path) {
        try {
            return (int) OPEN.invokeExact(state.segment, path.address(), O_RDONLY | O_CLOEXEC);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** A descriptor that only holds a place in the table (of {@code /dev/null}), or -1. */
    public static int openReserve(CallState state) {
        return openForReading(state, DEV_NULL);
    }
}
