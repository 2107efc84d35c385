package io.byssus.net.tls;

import io.byssus.runtime.fiber.ExpectedFailure;
import javax.net.ssl.SSLException;

/**
 * The peer broke the protocol after the handshake: a record that was tampered with, a stream cut
 * off before its {@code close_notify}, a renegotiation. Servers meet this every day, so a fiber
 * that ends with it is logged at debug level only.
 */
public final class TlsException extends SSLException implements ExpectedFailure {
    private static final long serialVersionUID = 1L;

    TlsException(String message) {
        super(message);
    }

    TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
