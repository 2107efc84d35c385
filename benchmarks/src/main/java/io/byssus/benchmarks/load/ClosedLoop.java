package io.byssus.benchmarks.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.HdrHistogram.Histogram;

/**
 * The closed loop: every connection sends an {@link Exchange}'s request, waits until the whole
 * answer has come, records how long that took, and sends the next one.
 *
 * <p>An exchange costs one {@code recv}, one {@code send}, one look at the clock and a share of one
 * {@code epoll_wait}; nothing is allocated. After a whole answer nothing more can be on its way, so
 * the read that would only find "would block" is left out: the next answer is a new edge.
 *
 * <p>All requests are sent from one buffer and all answers received into another, which stay in the
 * cache. In an echo the first eight bytes are a stamp of connection and sequence number, so that
 * bytes which went astray or come twice are seen.
 *
 * <p><b>Ownership:</b> one thread.
 */
final class ClosedLoop {
    /** How the loop waits when no connection is ready. */
    enum Waiting {
        /**
         * Polls again at once: the server then never pays for waking the client, as it would not
         * with the client on another machine.
         */
        SPIN,
        /** Sleeps in the kernel. */
        BLOCK
    }

    private static final int EVENTS_MAX = 1024;
    private static final int CACHE_LINE_BYTES = 64;
    private static final int BLOCK_MILLIS = 100;
    private static final long STALL_NANOS = 10_000_000_000L;

    private final LinuxSockets sockets;
    private final Epoll epoll;
    private final Histogram latencies;
    private final Waiting waiting;
    private final Exchange exchange;
    private final int requestBytes;
    private final int responseBytes;
    private final long sendAddress;
    private final long receiveAddress;
    private final MemorySegment sendBuffer;
    private final MemorySegment receiveBuffer;

    // One slot per connection.
    private final int[] descriptor;
    private final int[] sentBytes;
    private final int[] receivedBytes;

    /** The first eight bytes of the answer that is awaited. */
    private final long[] head;

    private final long[] startNanos;

    /** Connections whose answer is awaited. */
    private int inFlight;

    /** Whether an answer is the last one for now. */
    private boolean draining;

    private long requests;
    private long idleNanos;

    ClosedLoop(Arena arena, LoadOptions options, Exchange exchange, Histogram latencies)
            throws IOException {
        int connections = options.connections();
        this.sockets = new LinuxSockets(arena);
        this.epoll = new Epoll(arena, EVENTS_MAX);
        this.latencies = latencies;
        this.waiting = options.waiting();
        this.exchange = exchange;
        this.requestBytes = exchange.request().length;
        this.responseBytes = exchange.responseBytes();
        // Room for a stamp even if the message is shorter.
        this.sendBuffer = arena.allocate(requestBytes + Long.BYTES, CACHE_LINE_BYTES);
        this.receiveBuffer = arena.allocate(responseBytes + Long.BYTES, CACHE_LINE_BYTES);
        MemorySegment.copy(exchange.request(), 0, sendBuffer, JAVA_BYTE, 0, requestBytes);
        this.sendAddress = sendBuffer.address();
        this.receiveAddress = receiveBuffer.address();
        this.descriptor = new int[connections];
        this.sentBytes = new int[connections];
        this.receivedBytes = new int[connections];
        this.head = new long[connections];
        this.startNanos = new long[connections];
        for (int index = 0; index < connections; index++) {
            descriptor[index] = sockets.connect(options.host(), options.port());
            head[index] = exchange.stamped() ? (long) index << Integer.SIZE : Exchange.HTTP_HEAD;
            epoll.add(descriptor[index], index);
        }
    }

    /** Sends a message on every connection; at the beginning, and after {@link #drain}. */
    void start() throws IOException {
        inFlight = descriptor.length;
        for (int index = 0; index < descriptor.length; index++) {
            startNanos[index] = System.nanoTime();
            continueSending(index);
        }
    }

    /**
     * Drives the connections until the deadline or until that many requests are done, whichever
     * comes first. Requests in flight stay so and count for the next call, unless that is {@link
     * #drain}.
     *
     * @throws IOException when a connection fails, a byte is wrong, or nothing arrives any more
     */
    void run(long deadlineNanos, long requestsMax) throws IOException {
        requests = 0;
        idleNanos = 0;
        long markNanos = System.nanoTime();
        long progressNanos = markNanos;
        while (markNanos - deadlineNanos < 0 && requests < requestsMax && inFlight > 0) {
            int ready = epoll.poll(waiting == Waiting.SPIN ? 0 : BLOCK_MILLIS);
            for (int event = 0; event < ready; event++) {
                onReady(epoll.indexOf(event));
            }
            long nowNanos = System.nanoTime();
            if (ready > 0) {
                progressNanos = nowNanos;
            } else {
                idleNanos += nowNanos - markNanos;
                if (nowNanos - progressNanos > STALL_NANOS) {
                    throw new IOException("no answer for 10 s");
                }
            }
            markNanos = nowNanos;
        }
    }

    /** Waits for the answers to what is in flight and sends nothing more. */
    void drain() throws IOException {
        draining = true;
        run(System.nanoTime() + 2 * STALL_NANOS, Long.MAX_VALUE);
        draining = false;
        if (inFlight > 0) {
            throw new IOException(inFlight + " requests were never answered");
        }
    }

    /** Requests completed in the last {@link #run}. */
    long requests() {
        return requests;
    }

    /** Time spent in polls that found nothing in the last {@link #run}. */
    long idleNanos() {
        return idleNanos;
    }

    void close() {
        for (int socket : descriptor) {
            sockets.close(socket);
        }
    }

    private void onReady(int index) throws IOException {
        if (sentBytes[index] < requestBytes) {
            continueSending(index);
        }
        // Once round for a whole answer; again only when it arrives in pieces.
        while (true) {
            int received = receivedBytes[index];
            long count =
                    sockets.receive(descriptor[index], receiveAddress, responseBytes - received);
            if (count == LinuxSockets.WOULD_BLOCK) {
                return;
            }
            if (count == 0) {
                throw new IOException("the server closed connection " + index);
            }
            verifyHead(index, received, (int) count);
            receivedBytes[index] = received + (int) count;
            if (receivedBytes[index] == responseBytes) {
                onAnswered(index);
                return;
            }
        }
    }

    private void onAnswered(int index) throws IOException {
        if (sentBytes[index] != requestBytes) {
            throw new IOException("connection " + index + ": more came back than was sent");
        }
        long nowNanos = System.nanoTime();
        latencies.recordValue(nowNanos - startNanos[index]);
        requests += exchange.requestCount();
        startNanos[index] = nowNanos;
        sentBytes[index] = 0;
        receivedBytes[index] = 0;
        if (exchange.stamped()) {
            head[index]++;
        }
        if (draining) {
            inFlight--;
        } else {
            continueSending(index);
        }
    }

    /** Sends what is left of the request; a full socket buffer makes an edge when it has room. */
    private void continueSending(int index) throws IOException {
        if (exchange.stamped()) {
            sendBuffer.set(JAVA_LONG_UNALIGNED, 0, head[index]);
        }
        while (sentBytes[index] < requestBytes) {
            int sent = sentBytes[index];
            long count = sockets.send(descriptor[index], sendAddress + sent, requestBytes - sent);
            if (count == LinuxSockets.WOULD_BLOCK) {
                return;
            }
            sentBytes[index] = sent + (int) count;
        }
    }

    /** Compares those of the head's bytes that are in the {@code count} bytes just received. */
    private void verifyHead(int index, int offset, int count) throws IOException {
        boolean same;
        if (offset == 0 && count >= Long.BYTES) {
            same = receiveBuffer.get(JAVA_LONG_UNALIGNED, 0) == head[index];
        } else {
            same = true;
            for (int at = offset; at < Math.min(offset + count, Long.BYTES); at++) {
                byte expected = (byte) (head[index] >>> (at * Byte.SIZE));
                same &= receiveBuffer.get(JAVA_BYTE, at - offset) == expected;
            }
        }
        if (!same) {
            throw new IOException("connection " + index + ": a wrong answer, offset=" + offset);
        }
    }
}
