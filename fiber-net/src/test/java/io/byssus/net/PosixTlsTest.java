package io.byssus.net;

import io.byssus.net.tls.TlsProvider;
import io.byssus.runtime.shard.RuntimeOptions;
import org.junit.jupiter.api.Nested;

/** TLS over the kernel's TCP on epoll. */
class PosixTlsTest {
    private static StackUnderTest stack() {
        return StackUnderTest.onLoopback(
                () -> new RuntimeOptions().networkStack("posix").reactorBackend("epoll"));
    }

    @Nested
    class JdkHandshake extends TlsHandshakeContract {
        JdkHandshake() {
            super(PosixTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class JdkStream extends TlsStreamContract {
        JdkStream() {
            super(PosixTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class JdkMemory extends TlsMemoryContract {
        JdkMemory() {
            super(PosixTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class OpenSslMemory extends TlsMemoryContract {
        OpenSslMemory() {
            super(PosixTlsTest.stack(), TlsProvider.OPENSSL);
        }
    }

    @Nested
    class OpenSslHandshake extends TlsHandshakeContract {
        OpenSslHandshake() {
            super(PosixTlsTest.stack(), TlsProvider.OPENSSL);
        }
    }

    @Nested
    class OpenSslStream extends TlsStreamContract {
        OpenSslStream() {
            super(PosixTlsTest.stack(), TlsProvider.OPENSSL);
        }
    }
}
