package io.byssus.net.tls;

/** Who computes. */
public enum TlsProvider {
    /** The Java platform's own implementation; always there. */
    JDK,

    /**
     * BoringSSL or OpenSSL through Netty's {@code netty-tcnative}: faster handshakes, and less
     * processor time for each byte. It needs {@code io.netty:netty-handler} and {@code
     * io.netty:netty-tcnative-boringssl-static}, with the classifier of the platform, on the class
     * path.
     */
    OPENSSL
}
