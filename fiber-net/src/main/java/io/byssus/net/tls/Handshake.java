package io.byssus.net.tls;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;

/**
 * A connection's handshake, done by the fiber that needs it first; another one waits for it, and
 * goes on with it if that is stopped. The peer's bytes are received and sent here, on the shard;
 * what they mean is computed on the {@link HandshakePool}, a flight at a time.
 *
 * <p><b>Ownership:</b> of its {@link TlsSocket}.
 */
final class Handshake {
    private static final String WHAT = "TLS handshake";

    private final StackSocket socket;
    private final Reactor reactor;
    private final HandshakeSteps steps;
    private final long timeoutNanos;

    /** Where a second fiber waits. */
    private final WaitPoint turn = new WaitPoint();

    /** What is to be sent; null if there is nothing. */
    private final Buffer[] flight = new Buffer[1];

    /** Taken for what comes first; empty afterwards. */
    private Buffer received;

    /** When it has to be done; 0 until it begins. */
    private long expiryNanos;

    private boolean needsInput;
    private boolean leading;
    private boolean closed;
    private IOException failure;

    Handshake(
            StackSocket socket,
            Reactor reactor,
            EngineSource engines,
            Duration timeout,
            Buffer received) {
        this.socket = socket;
        this.reactor = reactor;
        this.steps = new HandshakeSteps(engines);
        this.timeoutNanos = TimeUnit.NANOSECONDS.convert(timeout);
        this.received = received;
        this.needsInput = steps.waitsFirst();
    }

    /** After success. */
    SSLEngine engine() {
        return steps.engine();
    }

    /** After success. */
    TlsInfo info() {
        return steps.info();
    }

    /** After success, once: what arrived behind the handshake. */
    Buffer takeInput(BufferPool pool) {
        byte[] rest = steps.takeInput();
        if (rest.length == 0) {
            return Buffer.EMPTY;
        }
        Buffer buffer = pool.allocateReserved(rest.length);
        if (buffer == null) {
            buffer = pool.allocate(rest.length);
        }
        buffer.put(0, rest, 0, rest.length);
        return buffer;
    }

    /**
     * Parks until it has succeeded.
     *
     * @throws TlsHandshakeException if it failed, at every call
     * @throws SocketTimeoutException at the caller's limits, and it can go on; at its own, and the
     *     connection is reset
     */
    void await(long timeoutNanos, long deadlineNanos, WaitPoint.Cancellation cancellation)
            throws IOException {
        if (expiryNanos == 0) {
            long end = reactor.clock().nanoTime() + this.timeoutNanos;
            expiryNanos = this.timeoutNanos == 0 || end < 0 ? Long.MAX_VALUE : end;
        }
        while (!isDone()) {
            if (leading) {
                WaitPoint.Outcome outcome =
                        turn.await(reactor, timeoutNanos, deadlineNanos, cancellation, WHAT);
                if (outcome == WaitPoint.Outcome.TIMED_OUT && leading) {
                    throw timedOut();
                }
                continue;
            }
            lead(timeoutNanos, deadlineNanos, cancellation);
        }
    }

    private boolean isDone() throws IOException {
        if (closed) {
            throw new ConnectionClosedException();
        }
        if (failure != null) {
            throw failure;
        }
        return steps.isComplete() && flight[0] == null;
    }

    private void lead(long timeoutNanos, long deadlineNanos, WaitPoint.Cancellation cancellation)
            throws IOException {
        leading = true;
        try {
            long limitNanos = Math.min(deadlineNanos, expiryNanos);
            while (!isDone()) {
                advance(timeoutNanos, limitNanos, cancellation);
            }
        } catch (SocketTimeoutException e) {
            if (failure == null && reactor.clock().nanoTime() >= expiryNanos) {
                failure = timedOut();
                release();
                socket.reset();
                throw failure;
            }
            throw e;
        } finally {
            leading = false;
            if (closed) {
                release();
            }
            turn.signal();
        }
    }

    private void advance(long timeoutNanos, long deadlineNanos, WaitPoint.Cancellation cancellation)
            throws IOException {
        if (flight[0] != null) {
            socket.send(flight, 1, timeoutNanos, deadlineNanos, cancellation);
        } else if (!received.isEmpty()) {
            feed(received);
        } else if (needsInput && !steps.hasRecord()) {
            Buffer more = socket.receive(timeoutNanos, deadlineNanos);
            if (more.isEmpty()) {
                throw failed("the peer ended the connection", null);
            }
            feed(more);
        } else {
            step(deadlineNanos);
        }
    }

    private void feed(Buffer buffer) {
        int length = buffer.length();
        steps.feed(length, (target, offset) -> buffer.get(0, target, offset, length));
        buffer.close();
        received = Buffer.EMPTY;
    }

    private void step(long deadlineNanos) throws IOException {
        if (steps.isLittle()) {
            steps.run();
        } else if (!HandshakePool.run(steps, deadlineNanos - reactor.clock().nanoTime())) {
            throw timedOut();
        }
        needsInput = true;
        if (closed) {
            throw new ConnectionClosedException();
        }
        byte[] output = steps.takeOutput();
        if (output.length > 0) {
            flight[0] = buffer(output);
        }
        if (steps.failure() != null) {
            throw failed(steps.reason(), steps.failure());
        }
    }

    private Buffer buffer(byte[] bytes) {
        BufferPool pool = reactor.buffers();
        Buffer buffer = pool.allocateReserved(bytes.length);
        if (buffer == null) {
            buffer = pool.allocate(bytes.length);
        }
        buffer.put(0, bytes, 0, bytes.length);
        return buffer;
    }

    /** The peer is told why, if that needs no waiting. */
    private IOException failed(String reason, Throwable cause) {
        failure = new TlsHandshakeException("handshake: " + reason + peer(), cause);
        if (flight[0] != null) {
            try {
                long now = reactor.clock().nanoTime();
                socket.send(flight, 1, 0, now, WaitPoint.Cancellation.DEFERRED);
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        release();
        socket.close();
        return failure;
    }

    private SocketTimeoutException timedOut() {
        return new SocketTimeoutException("handshake: timed out" + peer());
    }

    private String peer() {
        return ": " + Addresses.format(socket.remoteAddress());
    }

    /** Whoever waits finds the connection closed. */
    void close() {
        closed = true;
        if (!leading) {
            release();
        }
        turn.signal();
    }

    /** Given up before it has come to its end. */
    private void release() {
        steps.release();
        if (flight[0] != null) {
            flight[0].close();
            flight[0] = null;
        }
        received.close();
        received = Buffer.EMPTY;
    }
}
