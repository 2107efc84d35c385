package io.byssus.net.posix;

import io.byssus.net.Addresses;
import io.byssus.net.DatagramOptions;
import io.byssus.net.posix.DatagramFeatures.Feature;
import io.byssus.net.spi.UdpPorts;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.MulticastRequest;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.os.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Set;

/** How a {@link PosixDatagrams} is made. Cold. */
final class UdpOpening {
    private final PosixStack stack;
    private final DatagramOptions options;
    private final int family;
    private final int fd;

    private UdpOpening(PosixStack stack, DatagramOptions options, InetSocketAddress address)
            throws IOException {
        this.stack = stack;
        this.options = options;
        this.family = SocketAddresses.family(address.getAddress());
        this.fd = Sockets.datagram(stack.callState(), family);
        if (fd < 0) {
            throw Errno.exception("socket", stack.callState().errno(), "");
        }
    }

    /** A socket that is bound. */
    static PosixDatagrams bound(
            PosixStack stack, UdpPorts ports, InetSocketAddress address, DatagramOptions options)
            throws IOException {
        UdpOpening opening = new UdpOpening(stack, options, address);
        try (Buffer scratch = stack.scratch()) {
            opening.applyOptions(scratch.address());
            int shard = stack.shard().id();
            UdpPorts.Port port =
                    ports.bind(shard, address, joins -> opening.bind(address, scratch, joins));
            return new PosixDatagrams(
                    stack,
                    opening.fd,
                    port.bound(),
                    null,
                    options,
                    opening.features(),
                    new DatagramName() {
                        @Override
                        public void closed() {
                            ports.release(shard, port);
                        }
                    });
        } catch (IOException | RuntimeException e) {
            Descriptors.close(stack.callState(), opening.fd);
            throw e;
        }
    }

    /** A socket that is connected. */
    static PosixDatagrams connected(
            PosixStack stack, InetSocketAddress address, DatagramOptions options)
            throws IOException {
        UdpOpening opening = new UdpOpening(stack, options, address);
        try (Buffer scratch = stack.scratch()) {
            opening.applyOptions(scratch.address());
            int length = SocketAddresses.write(address, scratch.address());
            if (Sockets.connect(stack.callState(), opening.fd, scratch.address(), length) < 0) {
                throw Errno.exception(
                        "connect", stack.callState().errno(), Addresses.format(address));
            }
            InetSocketAddress local = stack.localAddress(opening.fd, scratch.address(), address);
            return new PosixDatagrams(
                    stack,
                    opening.fd,
                    local,
                    address,
                    options,
                    opening.features(),
                    DatagramName.NOBODYS);
        } catch (IOException | RuntimeException e) {
            Descriptors.close(stack.callState(), opening.fd);
            throw e;
        }
    }

    /**
     * As {@link PosixStack}'s listeners: the first socket is bound without SO_REUSEPORT, so that a
     * port which another process holds is an error, and gets it after its bind.
     */
    private InetSocketAddress bind(InetSocketAddress address, Buffer scratch, boolean joins)
            throws IOException {
        if (joins) {
            stack.set(fd, SocketOptions.REUSE_PORT, 1);
        }
        stack.bind(fd, address, scratch.address());
        stack.set(fd, SocketOptions.REUSE_PORT, 1);
        return stack.localAddress(fd, scratch.address(), address);
    }

    private void applyOptions(long scratch) throws IOException {
        if (options.reusesAddress()) {
            stack.set(fd, SocketOptions.REUSE_ADDRESS, 1);
        }
        if (options.broadcast()) {
            stack.set(fd, SocketOptions.BROADCAST, 1);
        }
        if (options.sendBufferBytes() > 0) {
            stack.set(fd, SocketOptions.SEND_BUFFER, options.sendBufferBytes());
        }
        if (options.receiveBufferBytes() > 0) {
            stack.set(fd, SocketOptions.RECEIVE_BUFFER, options.receiveBufferBytes());
        }
        applyMulticast(scratch);
    }

    private void applyMulticast(long scratch) throws IOException {
        boolean six = family == SocketAddresses.AF_INET6;
        DatagramOptions defaults = DatagramOptions.defaults();
        if (options.multicastTtl() != defaults.multicastTtl()) {
            stack.set(
                    fd,
                    six ? SocketOptions.MULTICAST_HOPS_6 : SocketOptions.MULTICAST_TTL_4,
                    options.multicastTtl());
        }
        if (!options.multicastLoop()) {
            stack.set(fd, six ? SocketOptions.MULTICAST_LOOP_6 : SocketOptions.MULTICAST_LOOP_4, 0);
        }
        if (options.multicastInterface().isEmpty()) {
            return;
        }
        int index = options.multicastInterface().get().getIndex();
        if (six) {
            stack.set(fd, SocketOptions.MULTICAST_INTERFACE_6, index);
            return;
        }
        MulticastRequest.sendingInterface(scratch, index);
        CallState state = stack.callState();
        if (SocketOptions.MULTICAST_INTERFACE_4.setStruct(
                        state, fd, scratch, MulticastRequest.INTERFACE_BYTES)
                < 0) {
            throw Errno.exception(
                    "setsockopt MULTICAST_INTERFACE_4",
                    state.errno(),
                    options.multicastInterface().get().getName());
        }
    }

    /** Asks the kernel for what the options would like. */
    private DatagramFeatures features() throws IOException {
        CallState state = stack.callState();
        Set<Feature> present = EnumSet.noneOf(Feature.class);
        if (options.coalescing() && SocketOptions.UDP_COALESCE.set(state, fd, 1) == 0) {
            present.add(Feature.COALESCING);
        }
        if (options.segmentation() && SocketOptions.UDP_SEGMENT.set(state, fd, 0) == 0) {
            present.add(Feature.SEGMENTATION);
        }
        if (options.destinations()) {
            stack.set(fd, SocketOptions.PACKET_INFO_4, 1);
            if (family == SocketAddresses.AF_INET6) {
                stack.set(fd, SocketOptions.PACKET_INFO_6, 1);
            }
            present.add(Feature.DESTINATION);
        }
        return new DatagramFeatures(family, present);
    }
}
