package io.byssus.net.spi;

import io.byssus.net.DatagramCounters;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;

/**
 * A datagram socket of a stack; {@link io.byssus.net.DatagramSocket} says what its operations do.
 * Time limits are those of {@link StackSocket}.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, any send.
 */
public interface StackDatagrams {
    /** The payload of the next datagram, owned by the caller; parks until there is one. */
    Buffer receive(ReceivedDatagram into, long timeoutNanos, long deadlineNanos) throws IOException;

    /**
     * Takes {@code payload} over, even if it throws, and sends it soon. Parks while as much waits
     * to be sent as may.
     *
     * @param to null if the socket is connected, and only then
     * @param from the address of this host to send it from, if the socket has asked for the
     *     destinations of what it receives; null for the stack's choice
     */
    void send(
            Buffer payload,
            DatagramAddress to,
            DatagramAddress from,
            long timeoutNanos,
            long deadlineNanos)
            throws IOException;

    /** Passes on what waits to be sent; parks while the stack cannot take it. */
    void flush(long timeoutNanos, long deadlineNanos) throws IOException;

    /**
     * Becomes a member of a multicast group.
     *
     * @param source the one host that is to be heard; null for all
     */
    void join(InetAddress group, NetworkInterface on, InetAddress source) throws IOException;

    /** Takes {@link #join} back. */
    void leave(InetAddress group, NetworkInterface on, InetAddress source) throws IOException;

    InetSocketAddress localAddress();

    /** Null unless it is connected. */
    InetSocketAddress remoteAddress();

    /** What it has done so far. */
    DatagramCounters counters();

    /** Drops what was not received; what waits to be sent goes out as far as it can. Idempotent. */
    void close();
}
