package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * Pipes, and splice(2), which moves bytes from a socket into one and on to another socket without a
 * copy. As with {@link Sockets}, -1 is a failure.
 */
public final class Pipes {
    private static final int O_NONBLOCK = 04000;
    private static final int O_CLOEXEC = 02000000;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;

    private static final MethodHandle PIPE2 =
            Downcalls.withErrno("pipe2", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle FCNTL =
            Downcalls.withErrno("fcntl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle READ =
            Downcalls.withErrno("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);

    /** Not critical: it takes tens of microseconds, since it is for much. */
    private static final MethodHandle SPLICE =
            Downcalls.withErrno(
                    "splice", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG,
                    JAVA_INT);

    private Pipes() {}

    /**
     * A nonblocking, close-on-exec pipe: 0, or -1.
     *
     * @param ends room for two {@code int}: the end to read from, then the one to write to
     */
    public static int create(CallState state, long ends) {
        try {
            return (int) PIPE2.invokeExact(state.segment, ends, O_NONBLOCK | O_CLOEXEC);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** The end to read from, of what {@link #create} made at {@code ends}. */
    public static int readEnd(long ends) {
        return RawMemory.getInt(ends);
    }

    /** The end to write to, as {@link #readEnd}. */
    public static int writeEnd(long ends) {
        return RawMemory.getInt(ends + Integer.BYTES);
    }

    /** Sets how many bytes a pipe holds; what it holds now, or -1. */
    public static int capacity(CallState state, int fd, int bytes) {
        try {
            return (int) FCNTL.invokeExact(state.segment, fd, F_SETPIPE_SZ, bytes);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /**
     * Moves up to {@code length} bytes; one of both is a pipe's end, the other a socket. How many;
     * 0 at the end of a socket's stream. A closed peer is EPIPE and a SIGPIPE besides, of which the
     * JVM makes nothing.
     */
    public static long splice(CallState state, int from, int to, long length) {
        try {
            return (long)
                    SPLICE.invokeExact(
                            state.segment,
                            from,
                            0L,
                            to,
                            0L,
                            length,
                            SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Bytes read out of a pipe into {@code address}. */
    public static long read(CallState state, int fd, long address, long capacity) {
        try {
            return (long) READ.invokeExact(state.segment, fd, address, capacity);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }
}
