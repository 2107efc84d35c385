package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * The socket calls. All sockets are nonblocking and close-on-exec. Every function answers what the
 * C function does: -1 for a failure, whose errno the {@link CallState} holds until the next call
 * with it.
 */
public final class Sockets {
    public static final int SHUT_RD = 0;
    public static final int SHUT_WR = 1;

    public static final int MSG_NOSIGNAL = 0x4000;

    /** The length of a datagram is told even if it was cut off. */
    public static final int MSG_TRUNC = 0x20;

    /** Nothing is waited for. */
    public static final int MSG_DONTWAIT = 0x40;

    /** A call goes on until it has sent everything, or fails. */
    public static final int MSG_WAITALL = 0x100;

    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 04000;
    private static final int SOCK_CLOEXEC = 02000000;

    /** What accepted sockets are. */
    public static final int ACCEPT_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

    private static final MethodHandle SOCKET =
            Downcalls.withErrno("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND =
            Downcalls.withErrno("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle LISTEN =
            Downcalls.withErrno("listen", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT4 =
            Downcalls.withErrno("accept4", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CONNECT =
            Downcalls.withErrno("connect", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN =
            Downcalls.withErrno("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle GETSOCKNAME =
            Downcalls.withErrno("getsockname", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GETPEERNAME =
            Downcalls.withErrno("getpeername", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

    /**
     * The hottest two calls go past the C library's {@code recv} and {@code send}: those are thread
     * cancellation points, with two atomic operations around each call.
     */
    private static final MethodHandle SYSCALL =
            Downcalls.criticalWithErrno(
                    "syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG, JAVA_LONG);

    private static final MethodHandle SENDMSG =
            Downcalls.criticalWithErrno("sendmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);

    private static final MethodHandle RECVMMSG =
            Downcalls.withErrno(
                    "recvmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SENDMMSG =
            Downcalls.withErrno("sendmmsg", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);

    private Sockets() {}

    /**
     * A stream socket of {@code family} ({@link SocketAddresses#AF_INET}, {@code AF_INET6} or
     * {@link UnixSocketAddress#AF_UNIX}).
     */
    public static int stream(CallState state, int family) {
        return socket(state, family, SOCK_STREAM);
    }

    /** A datagram socket of {@code family}. */
    public static int datagram(CallState state, int family) {
        return socket(state, family, SOCK_DGRAM);
    }

    private static int socket(CallState state, int family, int type) {
        try {
            return (int)
                    SOCKET.invokeExact(
                            state.segment, family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    public static int bind(CallState state, int fd, long address, int length) {
        try {
            return (int) BIND.invokeExact(state.segment, fd, address, length);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    public static int listen(CallState state, int fd, int backlog) {
        try {
            return (int) LISTEN.invokeExact(state.segment, fd, backlog);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /**
     * The next connection from the listening socket's queue.
     *
     * @param address room for the peer's address, {@link SocketAddresses#BYTES_MAX} bytes
     * @param lengthAddress 4 bytes, set by this call
     */
    public static int accept(CallState state, int fd, long address, long lengthAddress) {
        RawMemory.putInt(lengthAddress, SocketAddresses.BYTES_MAX);
        try {
            return (int)
                    ACCEPT4.invokeExact(
                            state.segment,
                            fd,
                            address,
                            lengthAddress,
                            SOCK_NONBLOCK | SOCK_CLOEXEC);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    public static int connect(CallState state, int fd, long address, int length) {
        try {
            return (int) CONNECT.invokeExact(state.segment, fd, address, length);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    public static int shutdown(CallState state, int fd, int how) {
        try {
            return (int) SHUTDOWN.invokeExact(state.segment, fd, how);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** The socket's own address, into {@code address} as for {@link #accept}. */
    public static int localAddress(CallState state, int fd, long address, long lengthAddress) {
        RawMemory.putInt(lengthAddress, SocketAddresses.BYTES_MAX);
        try {
            return (int) GETSOCKNAME.invokeExact(state.segment, fd, address, lengthAddress);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** The peer's address, into {@code address} and, behind it, its length: 0, or -1. */
    public static int remoteAddress(CallState state, int fd, long address) {
        long lengthAddress = address + SocketAddresses.BYTES_MAX;
        RawMemory.putInt(lengthAddress, SocketAddresses.BYTES_MAX);
        try {
            return (int) GETPEERNAME.invokeExact(state.segment, fd, address, lengthAddress);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Bytes received into {@code address}; 0 at the end of the stream, or -1. */
    public static long receive(CallState state, int fd, long address, long capacity) {
        try {
            return (long)
                    SYSCALL.invokeExact(
                            state.segment,
                            SystemCallNumbers.RECVFROM,
                            (long) fd,
                            address,
                            capacity,
                            0L,
                            0L,
                            0L);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Bytes that the kernel took, or -1. A closed peer is an error, not a signal. */
    public static long send(CallState state, int fd, long address, long length) {
        try {
            return (long)
                    SYSCALL.invokeExact(
                            state.segment,
                            SystemCallNumbers.SENDTO,
                            (long) fd,
                            address,
                            length,
                            (long) MSG_NOSIGNAL,
                            0L,
                            0L);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /**
     * As {@link #send}, gathering.
     *
     * @param header the address of a {@link MessageHeader}
     */
    public static long sendGathering(CallState state, int fd, long header) {
        try {
            return (long) SENDMSG.invokeExact(state.segment, fd, header, MSG_NOSIGNAL);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /**
     * Datagrams that have arrived, into {@code count} {@link MultiMessage}s: their number, or -1.
     */
    public static int receiveMany(CallState state, int fd, long messages, int count) {
        try {
            return (int) RECVMMSG.invokeExact(state.segment, fd, messages, count, MSG_TRUNC, 0L);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** How many of {@code count} {@link MultiMessage}s the kernel took, or -1 if not the first. */
    public static int sendMany(CallState state, int fd, long messages, int count) {
        try {
            return (int) SENDMMSG.invokeExact(state.segment, fd, messages, count, MSG_NOSIGNAL);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }
}
