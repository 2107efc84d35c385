package io.byssus.net.nio;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.DatagramCounters;
import io.byssus.net.DatagramOptions;
import io.byssus.net.spi.DatagramAddress;
import io.byssus.net.spi.DatagramChecks;
import io.byssus.net.spi.ReceivedDatagram;
import io.byssus.net.spi.StackDatagrams;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.ReactorCounters;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;

/**
 * A UDP channel. The JDK sends and receives one datagram in a call; so it sends each at once, and
 * queues only what the kernel has no room for.
 *
 * <p>A datagram is received into memory of the shard that holds the longest, since the JDK does not
 * tell how much it has cut off, and copied.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, any send.
 */
final class NioDatagrams extends NioHandle implements StackDatagrams {
    private final NioStack stack;
    private final DatagramChannel channel;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final int payloadBytesMax;
    private final OutgoingDatagrams outgoing;
    private final Memberships memberships;
    private final ReactorCounters reactorCounters;
    private final Runnable release;
    private final Runnable withdrawStopHook;
    private final Runnable flushTask = this::flushInTurn;

    /** Fibers that wait until the kernel takes more. */
    private final List<WaitPoint> senders = new ArrayList<>();

    private boolean flushIsDue;

    /** The runtime stops: what has arrived is still received. */
    private boolean draining;

    private boolean receiving;

    // For the counters.
    private long received;
    private long truncated;
    private long receiveCalls;

    /**
     * An open socket.
     *
     * @param remote null unless it is connected
     * @param release called when the channel has been closed
     */
    NioDatagrams(
            NioStack stack,
            DatagramChannel channel,
            InetSocketAddress local,
            InetSocketAddress remote,
            DatagramOptions options,
            Runnable release) {
        super(
                stack.shard().reactor(),
                stack.backend(),
                channel,
                0,
                remote == null ? local : remote);
        this.stack = stack;
        this.channel = channel;
        this.local = local;
        this.remote = remote;
        this.payloadBytesMax = options.payloadBytesMax();
        this.reactorCounters = reactor().counters();
        this.outgoing =
                new OutgoingDatagrams(
                        channel, stack.backend(), reactorCounters, options.batch(), remote);
        this.memberships = new Memberships(channel);
        this.release = release;
        this.withdrawStopHook =
                remote == null ? stack.shard().onStop(this::beginDraining) : () -> {};
    }

    @Override
    public Buffer receive(ReceivedDatagram into, long timeoutNanos, long deadlineNanos)
            throws IOException {
        boolean parked = false;
        while (true) {
            requireOpen();
            boolean ignored = flushNow(); // the other end may wait for an answer
            throwIfRefused("receive");
            if (has(READABLE)) {
                Buffer payload = take(into, timeoutNanos, deadlineNanos);
                if (payload != null) {
                    if (!parked) {
                        preemptionPoint();
                    }
                    return payload;
                }
            } else if (draining) {
                throw new FiberCancelledException(
                        "UDP socket " + Addresses.format(local) + ": the runtime stops");
            } else {
                awaitReadable(
                        timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED, "receive");
                parked = true;
            }
            assert ignored || !outgoing.isEmpty();
        }
    }

    /** One call; null if nothing was there. Parks only for memory. */
    private Buffer take(ReceivedDatagram into, long timeoutNanos, long deadlineNanos)
            throws IOException {
        if (receiving) {
            throw new IllegalStateException(
                    "two fibers receive from " + Addresses.format(local) + " at the same time");
        }
        BufferPool pool = reactor().buffers();
        Buffer payload = pool.allocateOrNull(payloadBytesMax);
        if (payload == null) {
            receiving = true;
            try {
                payload = pool.allocate(payloadBytesMax, timeoutNanos, deadlineNanos);
            } finally {
                receiving = false;
            }
            if (isClosed()) {
                payload.close();
                throw new ConnectionClosedException();
            }
        }
        boolean taken = false;
        try {
            taken = read(payload, into);
        } finally {
            if (!taken) {
                payload.close();
            }
        }
        return taken ? payload : null;
    }

    private boolean read(Buffer payload, ReceivedDatagram into) throws IOException {
        ByteBuffer whole = stack.backend().datagram();
        receiveCalls++;
        InetSocketAddress source;
        try {
            source = (InetSocketAddress) channel.receive(whole);
        } catch (IOException e) {
            if (remote != null) {
                throw NioFailures.of("receive", e, Addresses.format(remote));
            }
            return false; // about some datagram that was sent to somebody
        }
        if (source == null) {
            clear(READABLE);
            return false;
        }
        int length = whole.position();
        int kept = Math.min(length, payloadBytesMax);
        stack.backend().view(payload).put(whole.flip().limit(kept));
        payload.trim(kept);
        into.begin(length);
        into.source().set(source);
        received++;
        if (kept < length) {
            truncated++;
        }
        reactorCounters.bytesReceived += kept;
        return true;
    }

    @Override
    public void send(
            Buffer payload,
            DatagramAddress to,
            DatagramAddress from,
            long timeoutNanos,
            long deadlineNanos)
            throws IOException {
        assert from == null : "destinations are refused when the socket is opened";
        boolean queued = false;
        try {
            requireOpen();
            check(payload, to);
            InetSocketAddress destination = to == null ? null : to.decoded();
            while (outgoing.isFull() && !flushNow()) {
                awaitRoom(timeoutNanos, deadlineNanos);
            }
            outgoing.add(payload, destination);
            queued = true;
        } finally {
            if (!queued) {
                payload.close();
            }
        }
        if (!flushNow()) {
            want(SelectionKey.OP_WRITE);
        }
        if (remote != null && outgoing.hasFailure()) {
            wakeReader();
        }
        preemptionPoint();
    }

    @Override
    public void flush(long timeoutNanos, long deadlineNanos) throws IOException {
        requireOpen();
        if (!flushNow()) {
            awaitRoom(timeoutNanos, deadlineNanos);
        }
        if (outgoing.hasFailure()) {
            throw outgoing.takeFailure("send");
        }
        preemptionPoint();
    }

    /** What a send has learnt about the peer of a connected socket interests its receiver. */
    private void throwIfRefused(String operation) throws IOException {
        if (remote != null && outgoing.hasFailure()) {
            throw outgoing.takeFailure(operation);
        }
    }

    @Override
    public void join(InetAddress group, NetworkInterface on, InetAddress source)
            throws IOException {
        requireOpen();
        memberships.join(group, on, source);
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on, InetAddress source)
            throws IOException {
        requireOpen();
        memberships.leave(group, on, source);
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    /** The JDK does not tell what the kernel has dropped. */
    @Override
    public DatagramCounters counters() {
        return new DatagramCounters(
                received,
                truncated,
                receiveCalls,
                0,
                0,
                outgoing.sent,
                outgoing.failed,
                outgoing.calls,
                0);
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        boolean ignored = flushNow();
        assert ignored || !outgoing.isEmpty();
        outgoing.close();
        withdrawStopHook.run();
        closeChannelAtOnce();
        wakeSenders();
        release.run();
    }

    @Override
    void onReady(int ops) {
        super.onReady(ops);
        if ((ops & SelectionKey.OP_WRITE) != 0 && !flushIsDue) {
            flushIsDue = true;
            reactor().execute(flushTask);
        }
    }

    /** Sends what the kernel takes; whether that was all. */
    private boolean flushNow() {
        return outgoing.flush();
    }

    /** The task that goes on when the kernel has room again. */
    private void flushInTurn() {
        flushIsDue = false;
        if (isClosed()) {
            return;
        }
        if (flushNow()) {
            wakeSenders();
            if (remote != null && outgoing.hasFailure()) {
                wakeReader();
            }
            return;
        }
        try {
            want(SelectionKey.OP_WRITE);
        } catch (IOException e) {
            outgoing.close(); // nobody would tell when there is room
        }
    }

    /** Parks until the queue is empty. */
    private void awaitRoom(long timeoutNanos, long deadlineNanos) throws IOException {
        WaitPoint point = new WaitPoint();
        senders.add(point);
        try {
            while (!outgoing.isEmpty() && !flushNow()) {
                want(SelectionKey.OP_WRITE);
                WaitPoint.Outcome outcome =
                        point.await(
                                reactor(),
                                timeoutNanos,
                                deadlineNanos,
                                WaitPoint.Cancellation.HEEDED,
                                "send");
                if (isClosed()) {
                    throw new ConnectionClosedException();
                }
                if (outcome == WaitPoint.Outcome.TIMED_OUT && !outgoing.isEmpty()) {
                    throw new SocketTimeoutException(
                            "send: timed out: " + Addresses.format(address()));
                }
            }
        } finally {
            senders.remove(point);
        }
    }

    private void wakeSenders() {
        for (int i = 0; i < senders.size(); i++) {
            senders.get(i).signal();
        }
    }

    private void check(Buffer payload, DatagramAddress to) {
        DatagramChecks.requireSendable(payload, to, remote);
        if (to == null && payload.isEmpty()) {
            throw new UnsupportedOperationException(
                    "the JDK sends no empty datagram on a connected socket: it needs"
                            + " --reactor-backend epoll");
        }
        if (to != null && local.getAddress() instanceof Inet4Address) {
            DatagramChecks.requireIpv4(to, local);
        }
    }

    /** The stop hook: from now on, an empty socket is the end. */
    private void beginDraining() {
        draining = true;
        wakeReader();
    }

    /** An operation that did not park lets others run, if this fiber has used up its quota. */
    private void preemptionPoint() {
        if (reactor().countOperation()) {
            Thread.yield();
        }
    }
}
