package io.byssus.net.spi;

import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A connection's two byte streams, as a stack offers them. An abstract class, so that with one
 * stack loaded every call is direct.
 *
 * <p>Times out by two limits at once: {@code timeoutNanos} counts from when the call begins to wait
 * (0 for none), {@code deadlineNanos} is on the shard's clock ({@code Long.MAX_VALUE} for none).
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber receives, one sends.
 */
public abstract class StackSocket {
    private WaitPoint.Cancellation cancellation = WaitPoint.Cancellation.HEEDED;

    protected StackSocket() {}

    /** From now on, cancelling the fiber does not end a wait: the connection is being closed. */
    public final void shield() {
        cancellation = WaitPoint.Cancellation.DEFERRED;
    }

    /** Whether a wait ends when the fiber is cancelled. */
    protected final WaitPoint.Cancellation cancellation() {
        return cancellation;
    }

    /**
     * Some bytes, owned by the caller; parks until there are any. {@link Buffer#EMPTY} at the end
     * of the stream.
     */
    public abstract Buffer receive(long timeoutNanos, long deadlineNanos) throws IOException;

    /**
     * Sends all of {@code buffer}, parking while the stack cannot take more. The buffer is released
     * whatever happens.
     */
    public abstract void send(Buffer buffer, long timeoutNanos, long deadlineNanos)
            throws IOException;

    /**
     * As {@link #send(Buffer, long, long)}, for the first {@code count} of {@code buffers}, which
     * are set to null.
     */
    public abstract void send(Buffer[] buffers, int count, long timeoutNanos, long deadlineNanos)
            throws IOException;

    /** Ends the outgoing stream; the peer reads on to its end. */
    public abstract void shutdownOutput() throws IOException;

    /**
     * Gives the connection up. What was sent still reaches the peer; what was not read is dropped.
     * Idempotent.
     */
    public abstract void close();

    /** Gives the connection up and tells the peer that it was not in order. Idempotent. */
    public abstract void reset();

    public abstract InetSocketAddress remoteAddress();

    public abstract InetSocketAddress localAddress() throws IOException;
}
