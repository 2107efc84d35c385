package io.byssus.net;

import io.byssus.runtime.fiber.ExpectedFailure;
import java.nio.channels.AsynchronousCloseException;

/**
 * Another fiber of this program closed what the fiber was waiting for. That was meant, so a fiber
 * that ends with it is logged at debug level only.
 */
public final class ConnectionClosedException extends AsynchronousCloseException
        implements ExpectedFailure {
    private static final long serialVersionUID = 1L;

    public ConnectionClosedException() {}
}
