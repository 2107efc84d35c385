package io.byssus.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.NoSuchAlgorithmException;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a client may send instead of a handshake: a real first flight, and what is made of it. A
 * server's steps end in a failure or wait for more; they never spin, throw or take it for done.
 */
class HandshakeStepsFuzz {
    private static final SSLContext CONTEXT = context();

    private static SSLContext context() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static SSLEngine engine(boolean client, String protocol) {
        SSLEngine engine = CONTEXT.createSSLEngine("localhost", 443);
        engine.setUseClientMode(client);
        engine.setEnabledProtocols(new String[] {protocol});
        return engine;
    }

    private static EngineSource source(boolean client, String protocol) {
        return new EngineSource() {
            @Override
            public Role role() {
                return client ? Role.CLIENT : Role.SERVER;
            }

            @Override
            public SSLEngine open() {
                return engine(client, protocol);
            }

            @Override
            public void release(SSLEngine engine) {
                // the JDK's hold nothing
            }
        };
    }

    static Stream<byte[]> flights() {
        return Stream.of("TLSv1.2", "TLSv1.3").map(HandshakeStepsFuzz::clientHello);
    }

    private static byte[] clientHello(String protocol) {
        HandshakeSteps client = new HandshakeSteps(source(true, protocol));
        client.run();
        return client.takeOutput();
    }

    @MethodSource("flights")
    @FuzzTest
    void aHandshakeFailsOrWaitsForMore(byte[] flight) {
        HandshakeSteps server = new HandshakeSteps(source(false, "TLSv1.3"));
        int half = flight.length / 2;
        server.feed(half, (target, offset) -> System.arraycopy(flight, 0, target, offset, half));
        server.run();
        if (server.failure() == null) {
            int rest = flight.length - half;
            server.feed(
                    rest, (target, offset) -> System.arraycopy(flight, half, target, offset, rest));
            server.run();
        }
        assertThat(server.isComplete()).isFalse();
        if (server.failure() != null) {
            assertThat(server.failure()).isNotInstanceOf(Error.class);
            assertThat(server.reason()).isNotEmpty().doesNotContain("no progress");
        }
    }
}
