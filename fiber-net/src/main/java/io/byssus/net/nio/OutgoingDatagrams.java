package io.byssus.net.nio;

import io.byssus.net.Addresses;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.ReactorCounters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.channels.DatagramChannel;

/**
 * Datagrams on their way to the kernel, one in a call. As a rule there is one at most: more are
 * kept only while the kernel has no room.
 *
 * <p>A datagram that the kernel refuses is dropped; the first such error is kept until somebody
 * asks for it.
 *
 * <p><b>Ownership:</b> of its socket, confined to its shard. Never parks.
 */
final class OutgoingDatagrams {
    private final DatagramChannel channel;
    private final NioBackend backend;
    private final ReactorCounters reactorCounters;
    private final InetSocketAddress remote;
    private final Buffer[] payloads;
    private final InetSocketAddress[] destinations;
    private int first;
    private int count;

    /** The first error that was not told yet, or null. */
    private IOException failure;

    private InetSocketAddress failedDestination;

    // For the socket's counters.
    long sent;
    long failed;
    long calls;

    /**
     * @param remote null unless the channel is connected
     */
    OutgoingDatagrams(
            DatagramChannel channel,
            NioBackend backend,
            ReactorCounters reactorCounters,
            int capacity,
            InetSocketAddress remote) {
        this.channel = channel;
        this.backend = backend;
        this.reactorCounters = reactorCounters;
        this.remote = remote;
        this.payloads = new Buffer[capacity];
        this.destinations = new InetSocketAddress[capacity];
    }

    boolean isEmpty() {
        return first == count;
    }

    boolean isFull() {
        return count == payloads.length;
    }

    /** Adds a datagram; {@code to} is null if the channel is connected. */
    void add(Buffer payload, InetSocketAddress to) {
        assert !isFull();
        payloads[count] = payload;
        destinations[count++] = to == null ? remote : to;
    }

    /**
     * Passes as much as it can to the kernel.
     *
     * @return whether nothing is left; else the kernel takes no more now
     */
    boolean flush() {
        while (first < count) {
            if (!sendFirst()) {
                return false;
            }
            payloads[first].close();
            payloads[first++] = null;
        }
        first = 0;
        count = 0;
        return true;
    }

    /** Whether the first is done with, sent or refused. */
    private boolean sendFirst() {
        Buffer payload = payloads[first];
        int length = payload.length();
        try {
            int taken = send(payload, destinations[first]);
            if (taken == 0 && length > 0) {
                return false;
            }
            sent++;
            reactorCounters.bytesSent += length;
        } catch (IOException e) {
            failed++;
            keep(e);
        }
        return true;
    }

    private int send(Buffer payload, InetSocketAddress to) throws IOException {
        calls++;
        if (remote == null) {
            return channel.send(backend.view(payload), to);
        }
        try {
            return channel.write(backend.view(payload));
        } catch (PortUnreachableException e) {
            keep(e); // the answer to an earlier one; this one was not tried
            calls++;
            return channel.write(backend.view(payload));
        }
    }

    private void keep(IOException e) {
        if (failure == null) {
            failure = e;
            failedDestination = destinations[first];
        }
    }

    boolean hasFailure() {
        return failure != null;
    }

    /** The first error since the last call; there is one. */
    IOException takeFailure(String operation) {
        IOException taken = NioFailures.of(operation, failure, Addresses.format(failedDestination));
        failure = null;
        return taken;
    }

    /** Drops what could not be sent. */
    void close() {
        while (first < count) {
            failed++;
            payloads[first].close();
            payloads[first++] = null;
        }
        first = 0;
        count = 0;
    }
}
