package io.byssus.net.tls;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionClosedException;
import io.byssus.net.PeerCredentials;
import io.byssus.net.TcpInfo;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * A socket that speaks TLS through another. The handshake happens in the fiber that first reads or
 * writes ({@link Handshake}); after it the engine's work is done where it is asked for, on the
 * shard.
 *
 * <p>One fiber reads and one writes, as with any socket; each direction has an object of its own.
 * The reader also passes on what the engine wants to say by itself (a key update's answer, an
 * alert), unless the writer is busy: then that does.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class TlsSocket implements StackSocket {
    /** Key updates and the like whose answers wait for a peer that does not read. */
    private static final int UNANSWERED_MAX = 32;

    /** How often the engine may look at a record without taking any of it. */
    private static final int REFUSALS_MAX = 2;

    private final StackSocket socket;
    private final Reactor reactor;
    private final BufferPool pool;
    private final EngineSource engines;
    private final RecordInput input = new RecordInput();

    /** Null once it has succeeded. */
    private Handshake handshake;

    // Null until the handshake has succeeded.
    private SSLEngine engine;
    private RecordOutput output;
    private TlsInfo info;

    /** Whether a renegotiation is possible: before TLS 1.3. */
    private boolean mayRenegotiate;

    private boolean reading;
    private int unanswered;
    private int refusals;
    private boolean endOfStream;
    private boolean outputEnded;
    private boolean closed;

    /** What ended the input, or all of it; null while nothing has. */
    private IOException inputFailure;

    private IOException outputFailure;

    /**
     * Over {@code socket}, which belongs to it.
     *
     * @param engines makes the engine, on another thread
     * @param timeout of the handshake
     * @param received that is to be taken for the peer's first bytes
     */
    TlsSocket(StackSocket socket, EngineSource engines, Duration timeout, Buffer received) {
        this.socket = socket;
        Shard shard = Shard.current();
        this.reactor = shard.reactor();
        this.pool = shard.buffers();
        this.engines = engines;
        this.handshake = new Handshake(socket, reactor, engines, timeout, received);
    }

    /** Parks until the handshake has succeeded, whichever fiber does it. */
    void handshake(long timeoutNanos, long deadlineNanos, WaitPoint.Cancellation cancellation)
            throws IOException {
        if (handshake == null) {
            return;
        }
        try {
            handshake.await(timeoutNanos, deadlineNanos, cancellation);
        } catch (TlsHandshakeException e) {
            inputFailure = e;
            outputFailure = e;
            throw e;
        }
        requireOpen();
        if (handshake != null) {
            established(handshake);
        }
    }

    private void established(Handshake done) {
        engine = done.engine();
        output = new RecordOutput(engine, socket, pool);
        info = done.info();
        mayRenegotiate = !info.version().equals(TlsVersion.TLS_1_3);
        Buffer rest = done.takeInput(pool);
        if (!rest.isEmpty()) {
            input.add(rest);
        }
        handshake = null;
    }

    /** What was agreed upon; null before the handshake. */
    TlsInfo info() {
        return info;
    }

    @Override
    public Buffer receive(long timeoutNanos, long deadlineNanos) throws IOException {
        requireOpen();
        handshake(timeoutNanos, deadlineNanos, WaitPoint.Cancellation.HEEDED);
        reading = true;
        try {
            while (!endOfStream) {
                requireInput();
                if (input.recordLength() > 0) {
                    Buffer text = decrypt(timeoutNanos, deadlineNanos);
                    if (!text.isEmpty()) {
                        return text;
                    }
                } else if (!input.hasRoom()) {
                    input.join(pool, timeoutNanos, deadlineNanos);
                } else {
                    add(socket.receive(timeoutNanos, deadlineNanos));
                }
            }
            requireOpen();
            return Buffer.EMPTY;
        } finally {
            reading = false;
            if (closed) {
                input.close();
            }
        }
    }

    private void add(Buffer received) throws IOException {
        if (closed) {
            received.close();
            throw new ConnectionClosedException();
        }
        if (received.isEmpty()) {
            inputFailure = new TlsException("read: cut off before close_notify" + peer());
            throw inputFailure;
        }
        input.add(received);
    }

    /** The text of the records at the front, as much as fits; empty if they have none. */
    private Buffer decrypt(long timeoutNanos, long deadlineNanos) throws IOException {
        int wanted = Math.min(input.frontLength(), BufferPool.POOLED_CAPACITY_MAX);
        Buffer text = pool.allocateOrNull(Math.max(wanted, input.recordLength()));
        if (text == null) {
            text = pool.allocate(input.recordLength(), timeoutNanos, deadlineNanos);
        }
        int length = 0;
        try {
            requireInput(); // the wait for memory may have been long
            length = unwrapAll(text.asByteBuffer());
            text.trim(length);
        } finally {
            if (length == 0) {
                text.close();
            }
        }
        return length == 0 ? Buffer.EMPTY : text;
    }

    /** Bytes of text. A failure behind the first of them is for the next read. */
    private int unwrapAll(ByteBuffer target) throws IOException {
        int start = target.position();
        int record = input.recordLength();
        while (record > 0 && record <= target.remaining() && !endOfStream) {
            try {
                unwrap(record, target);
            } catch (TlsException e) {
                if (target.position() == start) {
                    throw e;
                }
                break;
            }
            record = input.recordLength();
        }
        return target.position() - start;
    }

    private void unwrap(int record, ByteBuffer target) throws IOException {
        ByteBuffer source = input.view();
        source.limit(source.position() + record);
        SSLEngineResult result;
        try {
            result = engine.unwrap(source, target);
        } catch (SSLException e) {
            throw broken("read: " + e.getMessage(), e);
        }
        if (result.bytesConsumed() > 0) {
            input.consume(result.bytesConsumed());
            refusals = 0;
        }
        requireEngine();
        switch (result.getStatus()) {
            case CLOSED -> endOfStream = true;
            case OK -> {
                if (result.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                    attend(result);
                } else {
                    unanswered = 0;
                }
                if (result.bytesConsumed() == 0 && ++refusals > REFUSALS_MAX) {
                    throw broken("read: the engine refuses a record", null); // or it would spin
                }
            }
            case BUFFER_UNDERFLOW, BUFFER_OVERFLOW ->
                    throw broken("read: a record of " + record + " bytes is " + result, null);
        }
    }

    /** What it complained of when the writer asked it is the reader's business, too. */
    private void requireEngine() throws TlsException {
        TlsException failure = output.failure();
        if (failure != null) {
            throw broken("read: " + failure.getCause().getMessage(), failure);
        }
    }

    /** The engine wants something in the middle of the stream. */
    private void attend(SSLEngineResult result) throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                && status == HandshakeStatus.NOT_HANDSHAKING) {
            output.owe();
            sayWhatIsOwed();
            return;
        }
        if (status == HandshakeStatus.NOT_HANDSHAKING
                || status == HandshakeStatus.FINISHED
                || outputEnded) {
            return;
        }
        if (mayRenegotiate || status == HandshakeStatus.NEED_TASK) {
            throw broken("read: the peer wants to renegotiate", null);
        }
        if (status == HandshakeStatus.NEED_WRAP && ++unanswered > UNANSWERED_MAX) {
            throw broken("read: key updates without end", null);
        }
        output.sendOwn(reactor.clock().nanoTime());
    }

    /** An alert, from an engine that says afterwards what it is about. */
    private void sayWhatIsOwed() throws IOException {
        try {
            output.sendOwn(reactor.clock().nanoTime());
        } catch (TlsException e) {
            assert output.failure() != null : e;
        }
        requireEngine();
    }

    /** The connection is of no use any more; the peer is told, if that needs no waiting. */
    private TlsException broken(String reason, SSLException cause) {
        TlsException failure = new TlsException(reason + peer(), cause);
        inputFailure = failure;
        outputFailure = failure;
        try {
            output.end();
            if (!output.hasUnsent()) {
                output.sendOwn(reactor.clock().nanoTime());
            }
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }

    @Override
    public void send(
            Buffer[] buffers,
            int count,
            long timeoutNanos,
            long deadlineNanos,
            WaitPoint.Cancellation cancellation)
            throws IOException {
        requireOpen();
        handshake(timeoutNanos, deadlineNanos, cancellation);
        if (outputFailure == null) {
            outputFailure = output.failure();
        }
        if (outputFailure != null) {
            throw again(outputFailure);
        }
        output.send(buffers, count, timeoutNanos, deadlineNanos, cancellation);
        if (reactor.countOperation()) {
            Thread.yield();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        shutdownOutput(reactor.clock().nanoTime());
    }

    /** Sends {@code close_notify} (RFC 8446, 6.1), then ends the stream below. */
    @Override
    public void shutdownOutput(long deadlineNanos) throws IOException {
        if (outputEnded || closed || outputFailure != null) {
            return;
        }
        outputEnded = true;
        if (engine == null) { // nothing was ever said
            socket.shutdownOutput(deadlineNanos);
            return;
        }
        output.end();
        output.send(new Buffer[0], 0, 0, deadlineNanos, WaitPoint.Cancellation.DEFERRED);
        socket.shutdownOutput(deadlineNanos);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (engine != null && !outputEnded && outputFailure == null && !output.hasUnsent()) {
            outputEnded = true;
            output.end();
            try {
                output.sendOwn(reactor.clock().nanoTime());
            } catch (IOException e) {
                // The peer is gone, or takes nothing: it finds the connection ended.
                assert closed || !output.isBusy();
            }
        }
        release();
        socket.close();
    }

    @Override
    public void reset() {
        release();
        socket.reset();
    }

    /** Before the socket below is closed, so that who waits there finds it so. */
    private void release() {
        if (closed) {
            return;
        }
        closed = true;
        if (handshake != null) {
            handshake.close();
        }
        if (output != null) {
            output.close();
            engines.release(engine);
        }
        if (!reading) {
            input.close();
        }
    }

    @Override
    public void awaitAcknowledged(long deadlineNanos) throws IOException {
        socket.awaitAcknowledged(deadlineNanos);
    }

    /** The end of the peer's TCP, which comes after its close_notify. */
    @Override
    public void awaitPeerShutdown(long deadlineNanos) throws IOException {
        socket.awaitPeerShutdown(deadlineNanos);
    }

    @Override
    public PeerCredentials peerCredentials() throws IOException {
        return socket.peerCredentials();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return socket.remoteAddress();
    }

    @Override
    public InetSocketAddress localAddress() throws IOException {
        return socket.localAddress();
    }

    @Override
    public TcpInfo tcpInfo() throws IOException {
        return socket.tcpInfo();
    }

    private void requireInput() throws IOException {
        if (closed) {
            throw new ConnectionClosedException();
        }
        if (inputFailure != null) {
            throw again(inputFailure);
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /** For who asks once more; the stack is the asker's. */
    private static IOException again(IOException failure) {
        return failure instanceof TlsHandshakeException
                ? new TlsHandshakeException(failure.getMessage(), failure)
                : new TlsException(failure.getMessage(), failure);
    }

    private String peer() {
        return ": " + Addresses.format(socket.remoteAddress());
    }
}
