package io.byssus.net;

import io.byssus.net.tls.TlsProvider;
import io.byssus.runtime.shard.RuntimeOptions;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** TLS over our own TCP, on its loopback, which no socket of the kernel's reaches. */
class NativeTlsTest {
    private static final String ALONE = "its client has a socket of the kernel's";

    private static StackUnderTest stack() {
        return new StackUnderTest() {
            @Override
            public RuntimeOptions options() {
                RuntimeOptions options = new RuntimeOptions().networkStack("native");
                options.device().device("loopback");
                return options;
            }

            @Override
            public boolean hasIpv6() {
                return false;
            }

            @Override
            public Map<String, String> inapplicable() {
                return Map.of(
                        "aClientThatRenegotiatesIsRefused", ALONE,
                        "keyUpdatesAreAnsweredInTheMiddleOfTheStream", ALONE,
                        "whoEndsFirstSaysSoToTheOther", ALONE);
            }
        };
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
}
