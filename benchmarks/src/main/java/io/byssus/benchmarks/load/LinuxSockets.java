package io.byssus.benchmarks.load;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.ConnectException;
import java.nio.ByteOrder;

/**
 * The handful of socket calls that the load generator makes.
 *
 * <p>Buffers are passed as raw addresses, so that no slice is allocated, and sending and receiving
 * are critical calls (no thread-state transition), which is sound because with MSG_DONTWAIT they
 * cannot block.
 *
 * <p><b>Ownership:</b> one thread; the captured errno lives in one shared segment.
 */
final class LinuxSockets {
    /** What {@link #receive} and {@link #send} return when the call would have blocked. */
    static final long WOULD_BLOCK = -1;

    private static final int AF_INET = 2;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_LINGER = 13;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_CONGESTION = 13;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int SOCKADDR_IN_BYTES = 16;

    private static final MethodHandle RECV =
            CLibrary.criticalWithErrno(
                    "recv",
                    CLibrary.WORD,
                    CLibrary.INT,
                    CLibrary.WORD,
                    CLibrary.WORD,
                    CLibrary.INT);
    private static final MethodHandle SEND =
            CLibrary.criticalWithErrno(
                    "send",
                    CLibrary.WORD,
                    CLibrary.INT,
                    CLibrary.WORD,
                    CLibrary.WORD,
                    CLibrary.INT);
    private static final MethodHandle SEND_WAITING =
            CLibrary.withErrno(
                    "send",
                    CLibrary.WORD,
                    CLibrary.INT,
                    CLibrary.WORD,
                    CLibrary.WORD,
                    CLibrary.INT);
    private static final MethodHandle SOCKET =
            CLibrary.withErrno("socket", CLibrary.INT, CLibrary.INT, CLibrary.INT, CLibrary.INT);
    private static final MethodHandle CONNECT =
            CLibrary.withErrno(
                    "connect", CLibrary.INT, CLibrary.INT, CLibrary.POINTER, CLibrary.INT);
    private static final MethodHandle SETSOCKOPT =
            CLibrary.withErrno(
                    "setsockopt",
                    CLibrary.INT,
                    CLibrary.INT,
                    CLibrary.INT,
                    CLibrary.INT,
                    CLibrary.POINTER,
                    CLibrary.INT);
    private static final MethodHandle CLOSE =
            CLibrary.function("close", CLibrary.INT, CLibrary.INT);

    private final MemorySegment callState;
    private final Arena arena;

    LinuxSockets(Arena arena) {
        this.arena = arena;
        this.callState = CLibrary.errnoState(arena);
    }

    /**
     * A connected TCP socket without Nagle's delay. The call blocks until the handshake is done.
     *
     * @param host an IPv4 address, in the order of the wire
     * @throws ConnectException when the server refuses or the descriptor limit is reached
     */
    int connect(int host, int port) throws ConnectException {
        int descriptor = open();
        connect(descriptor, host, port);
        noDelay(descriptor);
        return descriptor;
    }

    /** A TCP socket. */
    int open() throws ConnectException {
        try {
            int descriptor =
                    (int) SOCKET.invokeExact(callState, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (descriptor < 0) {
                throw new ConnectException("socket: errno=" + errno());
            }
            return descriptor;
        } catch (ConnectException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    /** Connects {@code descriptor}, and closes it if that fails. */
    void connect(int descriptor, int host, int port) throws ConnectException {
        try {
            MemorySegment address = arena.allocate(SOCKADDR_IN_BYTES, Integer.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_INET);
            address.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) port);
            address.set(JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN), 4, host);
            if ((int) CONNECT.invokeExact(callState, descriptor, address, SOCKADDR_IN_BYTES) != 0) {
                int errno = errno();
                close(descriptor);
                throw new ConnectException("connect: port=" + port + " errno=" + errno);
            }
        } catch (ConnectException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    private void noDelay(int descriptor) throws ConnectException {
        MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
        option(descriptor, IPPROTO_TCP, TCP_NODELAY, on);
    }

    /** Closing the socket will reset the connection and forget what is unsent. */
    void resetOnClose(int descriptor) throws ConnectException {
        option(descriptor, SOL_SOCKET, SO_LINGER, arena.allocateFrom(JAVA_INT, 1, 0));
    }

    /**
     * Chooses a congestion control algorithm of the kernel's for a socket.
     *
     * @throws ConnectException if the kernel has none of that name, or not for this user
     */
    void congestionControl(int descriptor, String name) throws ConnectException {
        option(descriptor, IPPROTO_TCP, TCP_CONGESTION, arena.allocateFrom(name));
    }

    private void option(int descriptor, int level, int option, MemorySegment value)
            throws ConnectException {
        try {
            int length = (int) value.byteSize();
            if ((int) SETSOCKOPT.invokeExact(callState, descriptor, level, option, value, length)
                    != 0) {
                throw new ConnectException("setsockopt: option=" + option + " errno=" + errno());
            }
        } catch (ConnectException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    /**
     * Sends, and waits for room.
     *
     * @return the count of bytes taken
     * @throws IOException when the connection is over
     */
    long sendWaiting(int descriptor, long address, long length) throws IOException {
        try {
            long count =
                    (long)
                            SEND_WAITING.invokeExact(
                                    callState, descriptor, address, length, MSG_NOSIGNAL);
            if (count < 0) {
                throw new IOException("send: errno=" + errno());
            }
            return count;
        } catch (IOException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    /**
     * Receives without waiting.
     *
     * @return the count of bytes, 0 at end of stream, or {@link #WOULD_BLOCK}
     */
    long receive(int descriptor, long address, long length) throws IOException {
        try {
            long count =
                    (long) RECV.invokeExact(callState, descriptor, address, length, MSG_DONTWAIT);
            return count >= 0 ? count : wouldBlockOrThrow("recv");
        } catch (IOException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    /**
     * Sends without waiting.
     *
     * @return the count of bytes taken, or {@link #WOULD_BLOCK}
     */
    long send(int descriptor, long address, long length) throws IOException {
        try {
            long count =
                    (long)
                            SEND.invokeExact(
                                    callState,
                                    descriptor,
                                    address,
                                    length,
                                    MSG_DONTWAIT | MSG_NOSIGNAL);
            return count >= 0 ? count : wouldBlockOrThrow("send");
        } catch (IOException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    void close(int descriptor) {
        try {
            int ignored = (int) CLOSE.invokeExact(descriptor);
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    private long wouldBlockOrThrow(String call) throws IOException {
        int errno = errno();
        if (errno == EAGAIN || errno == EINTR) {
            return WOULD_BLOCK;
        }
        throw new IOException(call + ": errno=" + errno);
    }

    private int errno() {
        return CLibrary.errno(callState);
    }
}
