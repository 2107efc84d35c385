package io.byssus.net;

import io.byssus.net.tls.TlsProvider;
import org.junit.jupiter.api.Nested;

/** TLS over the kernel's TCP on io_uring. */
class UringTlsTest {
    private static StackUnderTest stack() {
        return new UringUnderTest();
    }

    @Nested
    class JdkHandshake extends TlsHandshakeContract {
        JdkHandshake() {
            super(UringTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class JdkStream extends TlsStreamContract {
        JdkStream() {
            super(UringTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class OpenSslHandshake extends TlsHandshakeContract {
        OpenSslHandshake() {
            super(UringTlsTest.stack(), TlsProvider.OPENSSL);
        }
    }
}
