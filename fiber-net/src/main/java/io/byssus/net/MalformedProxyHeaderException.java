package io.byssus.net;

import java.io.IOException;

/** What a peer has sent is no header of the PROXY protocol. */
final class MalformedProxyHeaderException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedProxyHeaderException(String message) {
        super(message);
    }
}
