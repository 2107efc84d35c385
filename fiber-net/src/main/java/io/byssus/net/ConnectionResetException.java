package io.byssus.net;

import io.byssus.runtime.fiber.ExpectedFailure;
import java.net.SocketException;

/**
 * The peer ended the connection without finishing it. Servers meet this every day, so a fiber that
 * ends with it is logged at debug level only.
 */
public final class ConnectionResetException extends SocketException implements ExpectedFailure {
    private static final long serialVersionUID = 1L;

    public ConnectionResetException(String message) {
        super(message);
    }
}
