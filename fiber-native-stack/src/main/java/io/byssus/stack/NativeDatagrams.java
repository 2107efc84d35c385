package io.byssus.stack;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.DatagramCounters;
import io.byssus.net.DatagramOptions;
import io.byssus.net.spi.DatagramAddress;
import io.byssus.net.spi.DatagramChecks;
import io.byssus.net.spi.PeerWait;
import io.byssus.net.spi.ReceivedDatagram;
import io.byssus.net.spi.StackDatagrams;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.RawMemory;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.stack.UdpBindings.Binding;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.UdpHeader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;

/**
 * A UDP socket of the native stack. What is sent is copied behind its headers and goes to the
 * device at once; while that has no room, senders wait.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, any send.
 */
final class NativeDatagrams implements StackDatagrams, UdpPorts.Receiver {
    /** The kernel's, by default. */
    private static final int RECEIVE_BYTES = 212_992;

    /** What an IPv4 packet without options has room for. */
    private static final int PAYLOAD_BYTES_MAX = 65_507;

    private final Host host;
    private final Reactor reactor;
    private final Binding binding;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final DatagramOptions options;
    private final DatagramQueue queue;
    private final PeerWait reader;
    private final Runnable withdrawStopHook;
    private boolean draining;
    private boolean closed;

    /** The first error that was not told yet, or 0. */
    private int failure;

    private InetSocketAddress failedDestination;
    private long sent;
    private long failed;

    /**
     * A socket that gets datagrams from now on.
     *
     * @param remote null unless it is connected
     */
    NativeDatagrams(
            NativeStack stack,
            Binding binding,
            InetSocketAddress local,
            InetSocketAddress remote,
            DatagramOptions options) {
        this.host = stack.host();
        this.reactor = stack.shard().reactor();
        this.binding = binding;
        this.local = local;
        this.remote = remote;
        this.options = options;
        this.queue =
                new DatagramQueue(
                        reactor.buffers(),
                        options.receiveBufferBytes() > 0
                                ? options.receiveBufferBytes()
                                : RECEIVE_BYTES,
                        options.payloadBytesMax());
        this.reader = new PeerWait(remote == null ? local : remote);
        this.withdrawStopHook =
                remote == null ? stack.shard().onStop(this::beginDraining) : () -> {};
        host.udp().add(binding, this);
    }

    @Override
    public void onDatagram(
            Buffer frame, int at, int length, int source, int sourcePort, int destination) {
        if (queue.add(frame, at, length, source, sourcePort, destination)) {
            host.counters().inUdpDatagrams++;
            reader.signal();
        } else {
            host.counters().inUdpDropped++;
        }
    }

    @Override
    public void onRefused() {
        note(Errno.ECONNREFUSED, remote);
        reader.signal();
    }

    @Override
    public void abandon() {
        closed = true;
        queue.close();
    }

    @Override
    public Buffer receive(ReceivedDatagram into, long timeoutNanos, long deadlineNanos)
            throws IOException {
        boolean parked = false;
        while (queue.isEmpty()) {
            requireOpen();
            if (remote != null && failure != 0) {
                throw takeFailure("receive");
            }
            if (draining) {
                throw new FiberCancelledException(
                        "socket " + Addresses.format(local) + ": the runtime stops");
            }
            await(reader, timeoutNanos, deadlineNanos, "receive");
            parked = true;
        }
        Ipv4Configuration configuration = host.configuration();
        int to = queue.destination();
        int answering = configuration.isBroadcast(to) ? configuration.primaryAddress() : to;
        Buffer payload = queue.take(into, options.destinations(), answering);
        reactor.counters().bytesReceived += payload.length();
        if (!parked) {
            preemptionPoint();
        }
        return payload;
    }

    @Override
    public void send(
            Buffer payload,
            DatagramAddress to,
            DatagramAddress from,
            long timeoutNanos,
            long deadlineNanos)
            throws IOException {
        try (payload) {
            requireOpen();
            check(payload, to);
            int destination = to == null ? binding.remote : (int) to.low();
            int port = to == null ? binding.remotePort : to.port();
            int source = from != null && options.destinations() ? (int) from.low() : binding.local;
            int errno = whyNot(payload.length(), destination, port, source);
            if (errno != 0) {
                failed++;
                note(errno, to == null ? remote : to.decoded());
            } else {
                Buffer frame = frame(payload.length(), timeoutNanos, deadlineNanos);
                transmit(frame, payload, source, destination, port);
            }
        }
        preemptionPoint();
    }

    /** Why the packet cannot leave; 0 if it can. */
    private int whyNot(int length, int destination, int port, int source) {
        Ipv4Configuration configuration = host.configuration();
        if (port == 0) {
            return Errno.EINVAL;
        }
        if (length > PAYLOAD_BYTES_MAX) {
            return Errno.EMSGSIZE;
        }
        if (configuration.isBroadcast(destination) && !options.broadcast()) {
            return Errno.EACCES;
        }
        if (configuration.nextHop(destination) == Ipv4Configuration.UNREACHABLE) {
            return Errno.ENETUNREACH;
        }
        boolean isOurs =
                source == UdpBindings.ANY
                        || configuration.isOwn(source)
                        || Ipv4Address.isLoopback(source);
        return isOurs ? 0 : Errno.EINVAL;
    }

    /** Memory for a packet, when the device has room for it; parks until then. */
    private Buffer frame(int length, long timeoutNanos, long deadlineNanos) throws IOException {
        if (!host.output().hasRoom()) {
            awaitRoom(timeoutNanos, deadlineNanos);
        }
        BufferPool pool = reactor.buffers();
        int bytes = IpOutput.HEADERS_BYTES + UdpHeader.BYTES + length;
        Buffer frame = pool.allocateOrNull(bytes);
        if (frame == null) {
            frame = pool.allocate(bytes, timeoutNanos, deadlineNanos);
            if (closed) {
                frame.close();
                throw new ConnectionClosedException();
            }
        }
        return frame;
    }

    private void transmit(Buffer frame, Buffer payload, int from, int destination, int port) {
        int source = from == UdpBindings.ANY ? host.configuration().sourceFor(destination) : from;
        frame.put(IpOutput.HEADERS_BYTES + UdpHeader.BYTES, payload);
        long header = frame.address() + IpOutput.HEADERS_BYTES;
        UdpHeader.sourcePort(RawMemory.all(), header, binding.port);
        UdpHeader.destinationPort(RawMemory.all(), header, port);
        UdpHeader.length(RawMemory.all(), header, UdpHeader.BYTES + payload.length());
        sent++;
        host.counters().outUdpDatagrams++;
        reactor.counters().bytesSent += payload.length();
        host.output().sendDatagram(frame, source, destination);
    }

    private void awaitRoom(long timeoutNanos, long deadlineNanos) throws IOException {
        PeerWait point = new PeerWait(remote == null ? local : remote);
        host.udp().awaitRoom(point);
        try {
            while (!host.output().hasRoom()) {
                await(point, timeoutNanos, deadlineNanos, "send");
            }
        } finally {
            host.udp().forget(point);
        }
    }

    private void await(PeerWait point, long timeoutNanos, long deadlineNanos, String operation)
            throws IOException {
        WaitPoint.Outcome outcome =
                point.awaitPeer(
                        reactor,
                        timeoutNanos,
                        deadlineNanos,
                        WaitPoint.Cancellation.HEEDED,
                        operation);
        if (closed) {
            throw new ConnectionClosedException();
        }
        if (outcome == WaitPoint.Outcome.TIMED_OUT && (point != reader || queue.isEmpty())) {
            throw new SocketTimeoutException(
                    operation + ": timed out: " + Addresses.format(point.address()));
        }
    }

    @Override
    public void flush(long timeoutNanos, long deadlineNanos) throws IOException {
        requireOpen();
        if (failure != 0) {
            throw takeFailure("send");
        }
        preemptionPoint();
    }

    private void check(Buffer payload, DatagramAddress to) {
        DatagramChecks.requireSendable(payload, to, remote);
        if (to != null && !to.isIpv4()) {
            throw new IllegalArgumentException(
                    "destination="
                            + Addresses.format(to.decoded())
                            + ": the native stack has IPv4 only");
        }
    }

    private void note(int errno, InetSocketAddress destination) {
        if (failure == 0) {
            failure = errno;
            failedDestination = destination;
        }
    }

    private IOException takeFailure(String operation) {
        int errno = failure;
        failure = 0;
        String to = Addresses.format(failedDestination);
        return errno == Errno.ECONNREFUSED
                ? new PortUnreachableException(operation + ": " + Errno.message(errno) + ": " + to)
                : Errno.exception(operation, errno, to);
    }

    @Override
    public void join(InetAddress group, NetworkInterface on, InetAddress source) {
        throw noGroups();
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on, InetAddress source) {
        throw noGroups();
    }

    private static UnsupportedOperationException noGroups() {
        return new UnsupportedOperationException(
                "--network-stack native has no multicast yet: it needs --network-stack posix");
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    /** There are no system calls to count: the device's counters have them. */
    @Override
    public DatagramCounters counters() {
        return new DatagramCounters(
                queue.received, queue.truncated, 0, 0, queue.dropped, sent, failed, 0, 0);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        host.udp().remove(binding);
        queue.close();
        withdrawStopHook.run();
        reader.signal();
        host.udp().wakeSenders();
    }

    private void beginDraining() {
        draining = true;
        reader.signal();
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    private void preemptionPoint() {
        if (reactor.countOperation()) {
            Thread.yield();
        }
    }
}
