package io.byssus.stack.device;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.InterfaceControl;
import io.byssus.runtime.os.InterfaceRequest;
import io.byssus.runtime.os.TunTap;
import io.byssus.stack.wire.MacAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.function.IntSupplier;

/**
 * Opens one queue of a TAP interface and asks what it is like. Cold; every failure becomes a
 * sentence that says what to do.
 *
 * <p><b>Ownership:</b> immutable; the descriptor is for whoever called {@link #open}.
 *
 * @param fd nonblocking, with a {@link VirtioNetHeader} before each frame
 * @param mtu the largest IP packet, in bytes
 * @param isUp whether the interface was switched on
 */
public record TapInterface(int fd, int mtu, boolean isUp) {
    private static final int QUEUE_FLAGS = TunTap.IFF_TAP | TunTap.IFF_NO_PI | TunTap.IFF_VNET_HDR;
    private static final int SEGMENTATION =
            TunTap.TUN_F_CSUM | TunTap.TUN_F_TSO4 | TunTap.TUN_F_TSO_ECN;

    /**
     * Opens one queue of an interface, in the network namespace of the calling thread.
     *
     * @throws IOException whose message is a sentence that says why not
     */
    public static TapInterface open(TapOptions options) throws IOException {
        return open(CallState.ofThread(), options);
    }

    static TapInterface open(CallState state, TapOptions options) throws IOException {
        int fd = TunTap.open(state);
        if (fd < 0) {
            throw cannotOpen(state.errno());
        }
        boolean opened = false;
        try (Arena arena = Arena.ofConfined()) {
            long request = arena.allocate(InterfaceRequest.BYTES, Long.BYTES).address();
            attach(state, fd, options, request);
            configure(state, fd, options);
            TapInterface found = ask(state, fd, options, request);
            opened = true;
            return found;
        } finally {
            if (!opened) {
                Descriptors.close(state, fd);
            }
        }
    }

    /** Gives the queue back, if no device was made of it. */
    public void close() {
        Descriptors.close(CallState.ofThread(), fd);
    }

    private static void attach(CallState state, int fd, TapOptions options, long request)
            throws IOException {
        boolean several = options.queues() > 1;
        int result = attach(state, fd, options.interfaceName(), request, several);
        if (result < 0 && state.errno() == Errno.EINVAL) {
            // An interface either has several queues or has not, and tells which in this way only.
            result = attach(state, fd, options.interfaceName(), request, !several);
            if (result == 0 && several) {
                throw new IOException(
                        options.interfaceName()
                                + " has one queue, and "
                                + options.queues()
                                + " are wanted: make it with `ip tuntap add dev "
                                + options.interfaceName()
                                + " mode tap multi_queue`");
            }
        }
        if (result < 0) {
            throw cannotAttach(options.interfaceName(), state.errno());
        }
    }

    private static int attach(
            CallState state, int fd, String name, long request, boolean severalQueues) {
        InterfaceRequest.begin(request, name);
        InterfaceRequest.flags(
                request, severalQueues ? QUEUE_FLAGS | TunTap.IFF_MULTI_QUEUE : QUEUE_FLAGS);
        return TunTap.attach(state, fd, request);
    }

    /** A persistent interface may remember something else from its last user. */
    private static void configure(CallState state, int fd, TapOptions options) throws IOException {
        int offloads =
                switch (options.offloads()) {
                    case NONE -> 0;
                    case TCP_SEGMENTATION -> SEGMENTATION;
                };
        String name = options.interfaceName();
        must(state, name, () -> TunTap.headerBytes(state, fd, VirtioNetHeader.BYTES));
        must(state, name, () -> TunTap.acceptOffloads(state, fd, offloads));
    }

    private static TapInterface ask(CallState state, int fd, TapOptions options, long request)
            throws IOException {
        String name = options.interfaceName();
        int control = InterfaceControl.open(state);
        if (control < 0) {
            throw Errno.exception("socket", state.errno(), name);
        }
        try {
            must(state, name, () -> InterfaceControl.askHardwareAddress(state, control, request));
            if (InterfaceRequest.hardwareAddress(request) == options.macAddress()) {
                throw new IOException(
                        "the kernel's end of "
                                + name
                                + " has the address "
                                + MacAddress.format(options.macAddress())
                                + " itself; the stack needs another one");
            }
            must(state, name, () -> InterfaceControl.askFlags(state, control, request));
            boolean isUp = (InterfaceRequest.flags(request) & InterfaceControl.IFF_UP) != 0;
            must(state, name, () -> InterfaceControl.askMtu(state, control, request));
            return new TapInterface(fd, InterfaceRequest.mtu(request), isUp);
        } finally {
            Descriptors.close(state, control);
        }
    }

    private static void must(CallState state, String name, IntSupplier call) throws IOException {
        if (call.getAsInt() < 0) {
            throw Errno.exception("ioctl", state.errno(), name);
        }
    }

    /** Why there is no {@code /dev/net/tun} for us. */
    static IOException cannotOpen(int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                    new IOException(
                            "there is no /dev/net/tun: load it with `modprobe tun`, or pass the"
                                    + " device into the container");
            case Errno.EACCES, Errno.EPERM ->
                    new IOException(
                            "/dev/net/tun may not be opened by this user: as root, `chmod 666"
                                    + " /dev/net/tun`, which alone gives nobody an interface");
            default -> Errno.exception("open", errno, "/dev/net/tun");
        };
    }

    /** Why the interface is not for us. */
    static IOException cannotAttach(String name, int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES ->
                    new IOException(
                            name
                                    + " may not be opened by this user: give the process"
                                    + " CAP_NET_ADMIN, or make the interface for its user with"
                                    + " `ip tuntap add dev "
                                    + name
                                    + " mode tap user USER`");
            case Errno.EBUSY -> new IOException(name + " is in use by another process");
            case Errno.E2BIG ->
                    new IOException(
                            name + " has all its " + TapOptions.QUEUES_MAX + " queues in use");
            case Errno.EINVAL -> new IOException(name + " exists and is no TAP interface");
            default -> Errno.exception("TUNSETIFF", errno, name);
        };
    }
}
