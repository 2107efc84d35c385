package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Network interfaces whose other end is a process (the kernel's networking/tuntap.rst): what the
 * kernel sends through the interface is read from a descriptor, and what is written to it arrives
 * at the interface. One frame per call. Descriptors are nonblocking and close-on-exec; every
 * function answers -1 for a failure, whose errno the {@link CallState} holds.
 */
public final class TunTap {
    /** Ethernet frames, not IP packets. */
    public static final int IFF_TAP = 0x0002;

    /** Each further descriptor with the same name is one more queue of the interface. */
    public static final int IFF_MULTI_QUEUE = 0x0100;

    /** Nothing of the device's own stands before a frame. */
    public static final int IFF_NO_PI = 0x1000;

    /** A {@code struct virtio_net_hdr} stands before each frame, both ways. */
    public static final int IFF_VNET_HDR = 0x4000;

    /** The reader completes checksums. */
    public static final int TUN_F_CSUM = 0x01;

    /** The reader takes TCP segments over IPv4 that are larger than the MTU. */
    public static final int TUN_F_TSO4 = 0x02;

    /** The same for such segments with CWR set. */
    public static final int TUN_F_TSO_ECN = 0x08;

    private static final int O_RDWR = 02;
    private static final int O_NONBLOCK = 04000;
    private static final int O_CLOEXEC = 02000000;

    private static final int TUNSETIFF = 0x400454ca;
    private static final int TUNSETOFFLOAD = 0x400454d0;
    private static final int TUNSETVNETHDRSZ = 0x400454d8;

    private static final MemorySegment DEV_NET_TUN = Arena.global().allocateFrom("/dev/net/tun");

    private static final MethodHandle OPEN =
            Downcalls.withErrno("open", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle IOCTL =
            Downcalls.withErrno("ioctl", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

    /**
     * Never waits: the descriptor is nonblocking. A write takes the frame through the kernel's
     * receive path before it returns, as a send over the loopback device does. It goes past the C
     * library's function for the reason told at {@link Sockets}.
     */
    private static final MethodHandle SYSCALL =
            Downcalls.criticalWithErrno(
                    "syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private TunTap() {}

    /** A descriptor with no interface yet, or -1. */
    public static int open(CallState state) {
        try {
            return (int)
                    OPEN.invokeExact(
                            state.segment, DEV_NET_TUN.address(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /**
     * Attaches the interface that {@code request} names, with the flags that it holds ({@link
     * #IFF_TAP} and its like), in the network namespace of the thread that opened {@code fd}; one
     * that does not exist is made, and vanishes with its last descriptor.
     *
     * @param request the address of an {@link InterfaceRequest}
     */
    public static int attach(CallState state, int fd, long request) {
        return control(state, fd, TUNSETIFF, request);
    }

    /** What the reader does itself: {@link #TUN_F_CSUM} and its like. Of the whole interface. */
    public static int acceptOffloads(CallState state, int fd, int offloads) {
        return control(state, fd, TUNSETOFFLOAD, offloads);
    }

    /** How many bytes stand before a frame. Of the whole interface. */
    public static int headerBytes(CallState state, int fd, int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, bytes);
            return control(state, fd, TUNSETVNETHDRSZ, value.address());
        }
    }

    /**
     * Reads one frame: how many bytes. What does not fit is lost, and the answer is then {@code
     * capacity}.
     */
    public static long read(CallState state, int fd, long address, long capacity) {
        return call(state, SystemCallNumbers.READ, fd, address, capacity);
    }

    /**
     * As {@link #read}, into slices. A tenth more costly.
     *
     * @param vectors the address of {@link IoVectors}
     */
    public static long readScattering(CallState state, int fd, long vectors, int count) {
        return call(state, SystemCallNumbers.READV, fd, vectors, count);
    }

    /** Writes one frame as a whole: how many bytes that were. */
    public static long write(CallState state, int fd, long address, long length) {
        return call(state, SystemCallNumbers.WRITE, fd, address, length);
    }

    /**
     * As {@link #write}, gathering. A tenth more costly.
     *
     * @param vectors the address of {@link IoVectors}
     */
    public static long writeGathering(CallState state, int fd, long vectors, int count) {
        return call(state, SystemCallNumbers.WRITEV, fd, vectors, count);
    }

    private static long call(CallState state, long number, int fd, long address, long count) {
        try {
            return (long) SYSCALL.invokeExact(state.segment, number, (long) fd, address, count);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    private static int control(CallState state, int fd, int command, long argument) {
        try {
            return (int) IOCTL.invokeExact(state.segment, fd, (long) command, argument);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }
}
