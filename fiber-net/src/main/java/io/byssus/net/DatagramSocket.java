package io.byssus.net;

import io.byssus.net.spi.DatagramAddress;
import io.byssus.net.spi.StackDatagrams;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Where datagrams come in and go out: a {@link UdpSocket} or a {@link UnixDatagramSocket}.
 *
 * <p>Both directions are batched. One system call receives all that have arrived, up to the
 * options' batch, and {@link #receive(DatagramHeader)} hands them out one by one. {@code send} only
 * queues a datagram; the queue goes out, in one system call, when it is full, when a fiber is about
 * to wait in {@code receive}, at {@link #flush}, or else when the fibers that are ready now have
 * run.
 *
 * <p>Datagrams promise nothing, and neither does this class: what the network loses, what the
 * kernel drops since nobody received it in time, and what cannot reach its destination is lost.
 * What is lost here is counted ({@link #counters}).
 *
 * <ul>
 *   <li>A datagram that the kernel refuses, since there is no way to its destination for example,
 *       harms no other one: it is dropped. {@code send} and {@code receive} do not tell, so that no
 *       stranger's address ends a server's loop; the next {@code flush} does, after it has sent
 *       what can be sent, with a {@link java.net.SocketException} or one of its kind.
 *   <li>A connected socket's peer may answer that nobody listens (ICMP, port unreachable). Then the
 *       next {@code receive} or {@code flush} throws {@link java.net.PortUnreachableException},
 *       once.
 *   <li>While the shard's buffer memory is used up, {@code receive} parks until there is some, and
 *       arriving datagrams wait with the kernel, which drops what is too much.
 *   <li>{@link java.net.SocketTimeoutException} at the deadline or timeout, {@link
 *       io.byssus.runtime.fiber.FiberCancelledException} if the fiber is cancelled, {@link
 *       java.nio.channels.ClosedChannelException} if the socket was closed, {@link
 *       ConnectionClosedException} if another fiber closes it meanwhile.
 * </ul>
 *
 * <p>None of this but the last closes the socket.
 *
 * <p><b>Ownership:</b> confined to its shard. One fiber at a time receives; any number send.
 */
public abstract sealed class DatagramSocket implements AutoCloseable
        permits UdpSocket, UnixDatagramSocket {
    final StackDatagrams stack;
    private final DatagramHeader unread = new DatagramHeader();
    private long timeoutNanos;
    private long deadlineNanos = Long.MAX_VALUE;

    DatagramSocket(StackDatagrams stack) {
        this.stack = stack;
    }

    /**
     * From now on, each wait of an operation may take this long; zero for no limit.
     *
     * @throws IllegalArgumentException if negative
     */
    public void timeout(Duration limit) {
        timeoutNanos = Timeouts.nanos(limit);
    }

    /**
     * From now on, operations may wait until {@code deadline}; {@link Deadline#NONE} ends that.
     * With a timeout, what comes first counts. After the deadline what has arrived is still
     * received.
     */
    public void deadline(Deadline deadline) {
        deadlineNanos = deadline.nanos();
    }

    /**
     * The payload of the next datagram, owned by the caller, who closes it or passes it on; parks
     * until there is one. It may be empty, and has to be closed then, too.
     *
     * <p>When the runtime stops, a socket that was bound goes on answering what had arrived; after
     * that it throws {@link io.byssus.runtime.fiber.FiberCancelledException}, so that a service
     * loop ends. A connected one has the grace period, as connections have.
     *
     * @param header filled with what there is besides
     * @throws IllegalStateException if another fiber is receiving
     */
    public Buffer receive(DatagramHeader header) throws IOException {
        Buffer payload = stack.receive(header.received, timeoutNanos, deadlineNanos);
        header.payloadLength = payload.length();
        return payload;
    }

    /** As {@link #receive(DatagramHeader)}, for who does not ask whom it is from. */
    public Buffer receive() throws IOException {
        return receive(unread);
    }

    /**
     * Sends {@code payload}, which belongs to the socket from now on, even if this throws, to where
     * the datagram of {@code answered} came from. Parks only if the queue is full and the kernel
     * takes none of it.
     *
     * @throws IllegalStateException if the socket is connected
     * @throws IllegalArgumentException if {@code payload} is longer than a datagram can be
     */
    public void send(Buffer payload, DatagramHeader answered) throws IOException {
        stack.send(
                payload,
                answered.received.source(),
                answered.received.host(),
                timeoutNanos,
                deadlineNanos);
    }

    /**
     * Sends {@code payload} to the peer of a connected socket; else as {@link #send(Buffer,
     * DatagramHeader)}.
     *
     * @throws IllegalStateException if the socket is not connected
     */
    public void send(Buffer payload) throws IOException {
        stack.send(payload, null, null, timeoutNanos, deadlineNanos);
    }

    /**
     * Passes all that is queued to the kernel, parking while that cannot take it.
     *
     * @throws IOException if a datagram since the last flush was refused; the others have been sent
     */
    public void flush() throws IOException {
        stack.flush(timeoutNanos, deadlineNanos);
    }

    /** Sends to where it is said, from the address of the stack's choice. */
    final void sendTo(Buffer payload, DatagramAddress to) throws IOException {
        stack.send(payload, to, null, timeoutNanos, deadlineNanos);
    }

    /** The address it is bound to, with the port that was taken for port 0. */
    public InetSocketAddress localAddress() {
        return stack.localAddress();
    }

    /** The peer, if the socket is connected. */
    public Optional<InetSocketAddress> remoteAddress() {
        return Optional.ofNullable(stack.remoteAddress());
    }

    /** What the socket has done so far. */
    public DatagramCounters counters() {
        return stack.counters();
    }

    /**
     * Closes the socket. What is queued goes out as far as the kernel takes it at once, and what
     * was not received is dropped. Never parks. Idempotent.
     */
    @Override
    public void close() {
        stack.close();
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName()
                + "["
                + Addresses.format(localAddress())
                + remoteAddress().map(peer -> " to " + Addresses.format(peer)).orElse("")
                + "]";
    }
}
