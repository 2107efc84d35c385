package io.byssus.net;

import io.byssus.net.spi.DatagramAddress;
import io.byssus.net.spi.StackDatagrams;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.Objects;

/**
 * A {@link DatagramSocket} of UDP (RFC 768).
 *
 * <p><b>Ownership:</b> confined to its shard. One fiber at a time receives; any number send.
 */
public final class UdpSocket extends DatagramSocket {
    /** What {@link #send(Buffer, InetSocketAddress)} was given last. */
    private final DatagramAddress destination = new DatagramAddress();

    UdpSocket(StackDatagrams stack) {
        super(stack);
    }

    /**
     * Sends {@code payload}, which belongs to the socket from now on, even if this throws. Parks
     * only if the queue is full and the kernel takes none of it.
     *
     * @throws UnknownHostException if {@code to} is not resolved
     * @throws IllegalStateException if the socket is connected
     * @throws IllegalArgumentException if {@code payload} is longer than a datagram can be, or
     *     {@code to} has IPv6 and the socket has not
     */
    public void send(Buffer payload, InetSocketAddress to) throws IOException {
        if (to.isUnresolved()) {
            payload.close();
            throw new UnknownHostException(to.getHostString() + ": unknown host");
        }
        destination.set(to);
        sendTo(payload, destination);
    }

    /**
     * Receives from now on what is sent to the multicast group {@code group} and comes in on the
     * interface {@code on}. The socket should be bound to the group's port.
     *
     * @throws IllegalArgumentException if {@code group} is no multicast address
     * @throws java.net.SocketException if the system refuses, also for joining twice
     * @throws UnsupportedOperationException if the network stack has no multicast
     */
    public void join(InetAddress group, NetworkInterface on) throws IOException {
        stack.join(multicast(group), Objects.requireNonNull(on), null);
    }

    /** As {@link #join(InetAddress, NetworkInterface)}, but only what {@code source} sends. */
    public void join(InetAddress group, NetworkInterface on, InetAddress source)
            throws IOException {
        stack.join(multicast(group), Objects.requireNonNull(on), Objects.requireNonNull(source));
    }

    /**
     * Takes {@link #join(InetAddress, NetworkInterface)} back; {@link #close} does so for all.
     *
     * @throws java.net.SocketException if it is no member
     */
    public void leave(InetAddress group, NetworkInterface on) throws IOException {
        stack.leave(multicast(group), Objects.requireNonNull(on), null);
    }

    /** Takes {@link #join(InetAddress, NetworkInterface, InetAddress)} back. */
    public void leave(InetAddress group, NetworkInterface on, InetAddress source)
            throws IOException {
        stack.leave(multicast(group), Objects.requireNonNull(on), Objects.requireNonNull(source));
    }

    private static InetAddress multicast(InetAddress group) {
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "group=" + group.getHostAddress() + ": no multicast address");
        }
        return group;
    }
}
