package io.byssus.net.posix;

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
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.MulticastRequest;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.SocketMemoryInfo;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.reactor.ReactorCounters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * A datagram socket of the kernel. Like a connection's socket it guesses: while the last call
 * filled all buffers, the next is made without asking epoll.
 *
 * <p>Unlike a connection's, its descriptor is registered for writing only while the kernel takes no
 * more: it reports room whenever a datagram has left the host, which would be an event for each.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, any send.
 */
final class PosixDatagrams extends ReadinessHandle implements StackDatagrams {
    private static final int READ_INTEREST = Epoll.EPOLLIN | Epoll.EPOLLET;

    private final PosixStack stack;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final int family;
    private final boolean isUnix;
    private final boolean sendsFrom;
    private final ReceiveBatch batch;
    private final SendQueue queue;
    private final ReactorCounters reactorCounters;
    private final DatagramName name;
    private final Runnable withdrawStopHook;
    private final Runnable flushTask = this::flushInTurn;

    /** Fibers that wait until the kernel takes more. */
    private final List<WaitPoint> senders = new ArrayList<>();

    private boolean flushIsDue;

    /** Whether the kernel has no room for what is queued. */
    private boolean blocked;

    /** The runtime stops: what has arrived is still received. */
    private boolean draining;

    /** What the kernel has dropped, as of the close. */
    private long droppedAtClose;

    /**
     * An open socket.
     *
     * @param remote null unless it is connected
     * @param name what is to be done for its name when it is closed
     */
    PosixDatagrams(
            PosixStack stack,
            int fd,
            InetSocketAddress local,
            InetSocketAddress remote,
            DatagramOptions options,
            DatagramFeatures features,
            DatagramName name) {
        super(stack.shard().reactor(), stack.backend(), fd, 0, remote == null ? local : remote);
        this.stack = stack;
        this.local = local;
        this.remote = remote;
        this.family = features.family();
        this.isUnix = features.isUnix();
        this.sendsFrom = features.has(DatagramFeatures.Feature.DESTINATION);
        this.batch = new ReceiveBatch(options.batch(), options.payloadBytesMax(), features);
        this.queue = new SendQueue(options.batch(), features, remote != null);
        this.reactorCounters = reactor().counters();
        this.name = name;
        this.withdrawStopHook =
                remote == null ? stack.shard().onStop(this::beginDraining) : () -> {};
    }

    @Override
    public Buffer receive(ReceivedDatagram into, long timeoutNanos, long deadlineNanos)
            throws IOException {
        boolean parked = false;
        while (batch.isEmpty()) {
            requireOpen();
            flushNow(); // the other end may wait for an answer before it goes on
            throwIfRefused("receive");
            if (has(READABLE)) {
                fill(timeoutNanos, deadlineNanos);
            } else if (draining) {
                throw new FiberCancelledException(
                        "socket " + Addresses.format(local) + ": the runtime stops");
            } else {
                awaitReadable(
                        timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED, "receive");
                parked = true;
            }
        }
        Buffer payload = batch.take(into);
        reactorCounters.bytesReceived += payload.length();
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
        boolean queued = false;
        try {
            requireOpen();
            check(payload, to);
            DatagramAddress kept = to;
            DatagramAddress keptFrom = sendsFrom ? from : null;
            while (queue.isFull() && !flushNow()) {
                if (kept == to) { // the caller may use its own meanwhile
                    kept = copy(to);
                    keptFrom = copy(keptFrom);
                }
                awaitRoom(timeoutNanos, deadlineNanos);
            }
            queue.add(payload, kept, keptFrom);
            queued = true;
        } finally {
            if (!queued) {
                payload.close();
            }
        }
        if (!flushIsDue && !blocked) {
            flushIsDue = true;
            reactor().execute(flushTask);
        }
        preemptionPoint();
    }

    @Override
    public void flush(long timeoutNanos, long deadlineNanos) throws IOException {
        requireOpen();
        if (!flushNow()) {
            awaitRoom(timeoutNanos, deadlineNanos);
        }
        if (queue.hasFailure()) {
            InetSocketAddress to = remote == null ? queue.failedDestination() : remote;
            throw failure("send", queue.takeFailure(), to);
        }
        preemptionPoint();
    }

    @Override
    public void join(InetAddress group, NetworkInterface on, InetAddress source)
            throws IOException {
        member(
                source == null ? SocketOptions.JOIN_GROUP : SocketOptions.JOIN_SOURCE_GROUP,
                group,
                on,
                source);
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on, InetAddress source)
            throws IOException {
        member(
                source == null ? SocketOptions.LEAVE_GROUP : SocketOptions.LEAVE_SOURCE_GROUP,
                group,
                on,
                source);
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public DatagramCounters counters() {
        return new DatagramCounters(
                batch.datagrams,
                batch.truncated,
                batch.calls,
                batch.coalesced,
                isClosed() ? droppedAtClose : dropped(),
                queue.sent,
                queue.failed,
                queue.calls,
                queue.segmented);
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        flushNow();
        droppedAtClose = dropped();
        queue.close();
        batch.close();
        withdrawStopHook.run();
        name.closing();
        closeDescriptor();
        wakeSenders();
        name.closed();
    }

    @Override
    int interest() {
        return blocked ? READ_INTEREST | Epoll.EPOLLOUT : READ_INTEREST;
    }

    @Override
    void onReady(int events) {
        super.onReady(events);
        if (blocked && !flushIsDue && (events & (Epoll.EPOLLOUT | Epoll.EPOLLERR)) != 0) {
            flushIsDue = true;
            reactor().execute(flushTask);
        }
    }

    /** One system call for what has arrived; parks only for memory. */
    private void fill(long timeoutNanos, long deadlineNanos) throws IOException {
        BufferPool pool = reactor().buffers();
        Buffer first = pool.allocateOrNull(batch.slotBytes());
        if (first == null) {
            first = pool.allocate(batch.slotBytes(), timeoutNanos, deadlineNanos);
            if (isClosed()) {
                first.close();
                throw new ConnectionClosedException();
            }
        }
        if (!batch.isEmpty()) {
            first.close();
            throw new IllegalStateException(
                    "two fibers receive from " + Addresses.format(local) + " at the same time");
        }
        int result = batch.fill(callState(), fd, first, pool);
        if (result == ReceiveBatch.PARTIAL) {
            clear(READABLE);
        } else if (result < 0) {
            onReceiveError(callState().errno());
        }
    }

    private void onReceiveError(int errno) throws IOException {
        if (errno == Errno.EAGAIN) {
            clear(READABLE);
        } else if (errno != Errno.EINTR && remote != null) {
            throw failure("receive", errno, remote);
        }
        // What is told to a socket that is not connected is about some datagram that it sent.
    }

    /** What a send has learnt about the peer of a connected socket interests its receiver. */
    private void throwIfRefused(String operation) throws IOException {
        if (remote != null && queue.hasFailure()) {
            throw failure(operation, queue.takeFailure(), remote);
        }
    }

    private IOException failure(String operation, int errno, InetSocketAddress address) {
        if (errno == Errno.ECONNREFUSED && !isUnix) {
            return new PortUnreachableException(
                    operation + ": " + Errno.message(errno) + ": " + Addresses.format(address));
        }
        return Errno.exception(operation, errno, Addresses.format(address));
    }

    /** Sends what the kernel takes; whether that was all. */
    private boolean flushNow() {
        if (queue.isEmpty()) {
            return true;
        }
        long before = queue.bytes;
        boolean all = queue.flush(callState(), fd);
        reactorCounters.bytesSent += queue.bytes - before;
        if (blocked == all) {
            blocked = !all;
            if (slot != NOT_REGISTERED) {
                backend().modify(this);
            }
        }
        return all;
    }

    /** The task that sends what nobody has flushed. */
    private void flushInTurn() {
        flushIsDue = false;
        if (isClosed()) {
            return;
        }
        if (flushNow()) {
            wakeSenders();
            if (remote != null && queue.hasFailure()) {
                wakeReader();
            }
        } else {
            watchRoom();
        }
    }

    /** Has the kernel tell when it takes more. */
    private void watchRoom() {
        if (slot != NOT_REGISTERED) {
            return;
        }
        try {
            backend().register(this);
        } catch (IOException e) {
            queue.close(); // no watch is to be had, so these would wait for ever
            blocked = false;
        }
    }

    /** Parks until the queue is empty. */
    private void awaitRoom(long timeoutNanos, long deadlineNanos) throws IOException {
        if (slot == NOT_REGISTERED) {
            backend().register(this);
        }
        WaitPoint point = new WaitPoint();
        senders.add(point);
        try {
            while (!queue.isEmpty() && !flushNow()) {
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
                if (outcome == WaitPoint.Outcome.TIMED_OUT && !queue.isEmpty()) {
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
        if (to != null && to.isUnix() != isUnix) {
            throw new IllegalArgumentException(
                    "destination="
                            + Addresses.format(to.decoded())
                            + ": the socket is bound to "
                            + Addresses.format(local));
        }
        if (to != null && family == SocketAddresses.AF_INET) {
            DatagramChecks.requireIpv4(to, local);
        }
    }

    private static DatagramAddress copy(DatagramAddress address) {
        if (address == null) {
            return null;
        }
        DatagramAddress copy = new DatagramAddress();
        copy.set(address);
        return copy;
    }

    private void member(
            SocketOptions option, InetAddress group, NetworkInterface on, InetAddress source)
            throws IOException {
        requireOpen();
        assert !isUnix : "no groups there";
        try (Buffer scratch = reactor().buffers().allocateScratch(MulticastRequest.BYTES)) {
            long request = scratch.address();
            MulticastRequest.group(request, group, on.getIndex());
            if (source != null) {
                MulticastRequest.source(request, source);
            }
            int length = source == null ? MulticastRequest.GROUP_BYTES : MulticastRequest.BYTES;
            int groupFamily = SocketAddresses.family(group);
            if (option.setStruct(callState(), fd, groupFamily, request, length) < 0) {
                throw Errno.exception(
                        "setsockopt " + option,
                        callState().errno(),
                        group.getHostAddress() + " on " + on.getName());
            }
        }
    }

    /** Datagrams that the kernel has dropped; 0 if it does not tell. */
    private long dropped() {
        try (Buffer scratch = reactor().buffers().allocateScratch(SocketMemoryInfo.BYTES)) {
            long address = scratch.address();
            int length =
                    SocketOptions.MEMORY_INFO.read(
                            callState(), fd, address, SocketMemoryInfo.BYTES);
            return length < SocketMemoryInfo.BYTES ? 0 : SocketMemoryInfo.drops(address);
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
