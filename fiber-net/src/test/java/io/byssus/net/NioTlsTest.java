package io.byssus.net;

import io.byssus.net.tls.TlsProvider;
import org.junit.jupiter.api.Nested;

/** TLS over the kernel's TCP by way of java.nio. */
class NioTlsTest {
    private static StackUnderTest stack() {
        return StackUnderTest.portable();
    }

    @Nested
    class JdkHandshake extends TlsHandshakeContract {
        JdkHandshake() {
            super(NioTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class JdkStream extends TlsStreamContract {
        JdkStream() {
            super(NioTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class JdkMemory extends TlsMemoryContract {
        JdkMemory() {
            super(NioTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class OpenSslHandshake extends TlsHandshakeContract {
        OpenSslHandshake() {
            super(NioTlsTest.stack(), TlsProvider.OPENSSL);
        }
    }

    @Nested
    class OpenSslStream extends TlsStreamContract {
        OpenSslStream() {
            super(NioTlsTest.stack(), TlsProvider.OPENSSL);
        }
    }

    @Nested
    class OpenSslMemory extends TlsMemoryContract {
        OpenSslMemory() {
            super(NioTlsTest.stack(), TlsProvider.OPENSSL);
        }
    }
}
