package io.byssus.net.tls;

import io.byssus.runtime.fiber.ExpectedFailure;
import javax.net.ssl.SSLHandshakeException;

/**
 * The handshake failed: no version or cipher in common, a certificate that is not trusted or has
 * another name, something that is not TLS, an end in the middle. Any peer can cause it at will, so
 * a fiber that ends with it is logged at debug level only.
 */
public final class TlsHandshakeException extends SSLHandshakeException implements ExpectedFailure {
    private static final long serialVersionUID = 1L;

    TlsHandshakeException(String message) {
        super(message);
    }

    TlsHandshakeException(String message, Throwable cause) {
        super(message, cause);
    }
}
