package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/**
 * Asks about network interfaces, netdevice(7). The interfaces are those of the network namespace of
 * the thread that opened the socket. Cold. Functions answer -1 for a failure, whose errno the
 * {@link CallState} holds.
 */
public final class InterfaceControl {
    /** It is switched on, in {@link InterfaceRequest#flags(long)}. */
    public static final int IFF_UP = 1;

    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 02000000;

    private static final int SIOCGIFFLAGS = 0x8913;
    private static final int SIOCGIFMTU = 0x8921;
    private static final int SIOCGIFHWADDR = 0x8927;

    private static final MethodHandle SOCKET =
            Downcalls.withErrno("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle IOCTL =
            Downcalls.withErrno("ioctl", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private InterfaceControl() {}

    /** A descriptor to ask through, of use for nothing else; or -1. */
    public static int open(CallState state) {
        try {
            return (int)
                    SOCKET.invokeExact(
                            state.segment, SocketAddresses.AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Asks for {@link InterfaceRequest#flags(long)}. */
    public static int askFlags(CallState state, int fd, long request) {
        return ask(state, fd, SIOCGIFFLAGS, request);
    }

    /** Asks for {@link InterfaceRequest#mtu}. */
    public static int askMtu(CallState state, int fd, long request) {
        return ask(state, fd, SIOCGIFMTU, request);
    }

    /** Asks for {@link InterfaceRequest#hardwareAddress}. */
    public static int askHardwareAddress(CallState state, int fd, long request) {
        return ask(state, fd, SIOCGIFHWADDR, request);
    }

    private static int ask(CallState state, int fd, int command, long request) {
        try {
            return (int) IOCTL.invokeExact(state.segment, fd, (long) command, request);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }
}
