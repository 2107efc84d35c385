package io.byssus.net.spi;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A listening endpoint of a stack.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber accepts.
 */
public interface StackListener {
    /**
     * The next connection, parking until there is one.
     *
     * @param deadlineNanos on the shard's clock; {@code Long.MAX_VALUE} for none
     * @throws java.net.SocketTimeoutException at the deadline
     * @throws io.byssus.runtime.fiber.FiberCancelledException if the fiber is cancelled, or the
     *     runtime stops and everything that had arrived has been accepted
     */
    StackSocket accept(long deadlineNanos) throws IOException;

    InetSocketAddress localAddress();

    /** Stops listening; a fiber in {@link #accept} gets an exception. Idempotent. */
    void close();
}
