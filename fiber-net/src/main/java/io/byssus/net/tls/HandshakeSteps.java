package io.byssus.net.tls;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * A handshake, step by step: what has arrived goes in, what is to be sent comes out, and in between
 * the engine computes. Its bytes are on the heap, since a shard's buffers are for the shard alone.
 *
 * <p><b>Ownership:</b> of the connection's shard between steps, of a thread of the {@link
 * HandshakePool} during one.
 */
final class HandshakeSteps implements Runnable {
    /** More than any engine's; {@link SSLEngine#getSession} says how much it is. */
    private static final int PLAIN_BYTES = 1 << 15;

    /** A warning alert, an empty record: steps without any progress are a fault of the engine. */
    private static final int IDLE_STEPS_MAX = 16;

    /** Behind the headers of record and message and the version. */
    private static final int RETRY_OFFSET = Records.HEADER_BYTES + 4 + 2;

    private static final int RETRY_RANDOM = 0xcf21ad74;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final EngineSource engines;

    private SSLEngine engine;
    private byte[] input = {};
    private int inputStart;
    private int inputEnd;
    private ByteBuffer output = ByteBuffer.allocate(0);

    /** What the engine wants now. */
    private HandshakeStatus next;

    /** Where text would be, of which there is none before the end. */
    private ByteBuffer plain = NOTHING;

    /** Whether something was sent. */
    private boolean answered;

    /** Whether it has taken a record since it was last asked without one. */
    private boolean askAgain;

    private boolean complete;
    private TlsInfo info;
    private Throwable failure;

    /**
     * @param engines makes the engine, in the first step
     */
    HandshakeSteps(EngineSource engines) {
        this.engines = engines;
    }

    /** Null before the first step. */
    SSLEngine engine() {
        return engine;
    }

    boolean isComplete() {
        return complete;
    }

    /** What was agreed upon; null before the end. */
    TlsInfo info() {
        return info;
    }

    /** What ended it; null while nothing has. */
    Throwable failure() {
        return failure;
    }

    /** The next {@code length} bytes from the peer, which {@code copy} puts where it is told. */
    void feed(int length, Copy copy) {
        int kept = inputEnd - inputStart;
        if (inputStart > 0 || inputEnd + length > input.length) {
            byte[] room = input.length >= kept + length ? input : new byte[kept + length];
            System.arraycopy(input, inputStart, room, 0, kept);
            input = room;
            inputStart = 0;
            inputEnd = kept;
        }
        copy.into(input, inputEnd);
        inputEnd += length;
    }

    /** Where {@link #feed} finds its bytes. */
    interface Copy {
        /** Puts them into {@code target} from {@code offset} on. */
        void into(byte[] target, int offset);
    }

    /** What is to be sent; none is left here. */
    byte[] takeOutput() {
        answered |= output.position() > 0 && !isRetry();
        byte[] bytes = Arrays.copyOf(output.array(), output.position());
        output.clear();
        return bytes;
    }

    /** Whether the output only asks for another greeting (RFC 8446, 4.1.3). */
    private boolean isRetry() {
        return output.position() >= RETRY_OFFSET + Integer.BYTES
                && output.getInt(RETRY_OFFSET) == RETRY_RANDOM;
    }

    /** After the end: what arrived behind the handshake. */
    byte[] takeInput() {
        byte[] rest = Arrays.copyOfRange(input, inputStart, inputEnd);
        input = new byte[0];
        inputStart = 0;
        inputEnd = 0;
        return rest;
    }

    /** Whether the peer speaks first. */
    boolean waitsFirst() {
        return engines.role() != EngineSource.Role.CLIENT;
    }

    /**
     * Whether the next step is so little that to hand it to another thread would cost more. With
     * TLS 1.3 a server that has answered and asks for no certificate has only a checksum to look at
     * (RFC 8446, 4.4.4).
     */
    boolean isLittle() {
        return answered && engines.role() == EngineSource.Role.SERVER && isTls13();
    }

    private boolean isTls13() {
        SSLSession session = engine.getHandshakeSession();
        return session != null && session.getProtocol().equals(TlsVersion.TLS_1_3.protocol());
    }

    /** Whether a step has something to work on that the last one had not. */
    boolean hasRecord() {
        return Records.length(ByteBuffer.wrap(input, inputStart, inputEnd - inputStart)) > 0;
    }

    /** Goes as far as the input reaches. */
    @Override
    public void run() {
        try {
            if (engine == null) {
                engine = engines.open();
                engine.beginHandshake();
                next = engine.getHandshakeStatus();
            }
            advance();
        } catch (SSLException | RuntimeException | Error e) {
            failure = e;
            produceAlert();
        }
    }

    private void advance() throws SSLException {
        int idle = 0;
        while (true) {
            int before = inputEnd - inputStart - output.position();
            switch (next) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> next = after(wrap());
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap()) {
                        return;
                    }
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    if (engine.isOutboundDone() || engine.isInboundDone()) {
                        throw new SSLException("the peer has closed it");
                    }
                    info = agreement();
                    complete = true;
                    return;
                }
            }
            boolean progress = before != inputEnd - inputStart - output.position();
            idle = progress ? 0 : idle + 1;
            if (idle > IDLE_STEPS_MAX) {
                throw new SSLException("no progress: " + next);
            }
        }
    }

    /** Here, since the engine may have to parse certificates. */
    private TlsInfo agreement() {
        return TlsInfo.of(engine, engines.role() != EngineSource.Role.SERVER);
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            task.run();
        }
        next = engine.getHandshakeStatus();
    }

    /** A result may know more than the engine says afterwards; but what comes last, that says. */
    private HandshakeStatus after(SSLEngineResult result) {
        HandshakeStatus status = result.getHandshakeStatus();
        return status == HandshakeStatus.FINISHED ? engine.getHandshakeStatus() : status;
    }

    private SSLEngineResult wrap() throws SSLException {
        int packet = engine.getSession().getPacketBufferSize();
        if (output.remaining() < packet) {
            ByteBuffer room = ByteBuffer.allocate(output.position() + 2 * packet);
            output = room.put(output.flip());
        }
        SSLEngineResult result = engine.wrap(NOTHING, output);
        if (result.getStatus() == SSLEngineResult.Status.CLOSED && result.bytesProduced() == 0) {
            throw new SSLException("the engine has closed it");
        }
        return result;
    }

    /**
     * Whether the engine got on. After each record it is asked once without one: some notice only
     * then that it was the last of the handshake, and would take what follows for part of it.
     */
    private boolean unwrap() throws SSLException {
        ByteBuffer source = ByteBuffer.wrap(input, inputStart, inputEnd - inputStart);
        int length = askAgain ? 0 : Records.length(source);
        if (length == 0 && !askAgain) {
            return false;
        }
        askAgain = length > 0;
        if (plain == NOTHING) {
            plain = ByteBuffer.allocate(PLAIN_BYTES);
        }
        source.limit(source.position() + length);
        SSLEngineResult result = engine.unwrap(source, plain);
        inputStart = source.position();
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            throw new SSLException("the peer has closed it");
        }
        if (result.bytesProduced() > 0) {
            throw new SSLException("data in the middle of the handshake");
        }
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW && length > 0) {
            throw new SSLException("what the peer sends is no TLS");
        }
        next = after(result);
        return true;
    }

    /** The engine may want to tell the peer why. */
    private void produceAlert() {
        if (engine == null) {
            return;
        }
        for (int attempt = 0; attempt < 2; attempt++) { // the first may tell of a task's failure
            try {
                engine.closeOutbound();
                while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                        && wrap().bytesProduced() > 0) {
                    // one more
                }
                return;
            } catch (SSLException | RuntimeException e) {
                if (e != failure) {
                    failure.addSuppressed(e);
                }
            }
        }
    }

    /** The engine is used no more. */
    void release() {
        if (engine != null) {
            engines.release(engine);
            engine = null;
        }
    }

    /** The engine's, or a task's, complaint in words. */
    String reason() {
        String text = failure.getMessage();
        return text == null || text.isEmpty() ? failure.getClass().getSimpleName() : text;
    }
}
