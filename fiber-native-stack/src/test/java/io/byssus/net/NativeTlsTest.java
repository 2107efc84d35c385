package io.byssus.net;

import io.byssus.net.tls.TlsProvider;
import io.byssus.runtime.shard.RuntimeOptions;
import org.junit.jupiter.api.Nested;

/** TLS over our own TCP, on its loopback. */
class NativeTlsTest {
    private static StackUnderTest stack() {
        return StackUnderTest.onLoopback(() -> {
            RuntimeOptions options = new RuntimeOptions().networkStack("native");
            options.device().device("loopback");
            return options;
        });
    }

    @Nested
    class Handshakes extends TlsHandshakeContract {
        Handshakes() {
            super(NativeTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class Streams extends TlsStreamContract {
        Streams() {
            super(NativeTlsTest.stack(), TlsProvider.JDK);
        }
    }

    @Nested
    class Memory extends TlsMemoryContract {
        Memory() {
            super(NativeTlsTest.stack(), TlsProvider.JDK);
        }
    }
}
