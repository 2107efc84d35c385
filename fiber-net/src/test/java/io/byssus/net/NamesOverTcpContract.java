package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.dns.Resolver;
import io.byssus.net.dns.ResolverOptions;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Message;

/** {@link Resolver} over TCP (RFC 7766), which every stack has; the server is a Byssus one, too. */
abstract class NamesOverTcpContract extends NetworkContract {
    private static final FrameFormat FRAMES = FrameFormat.bigEndian(2, 65_535);
    private static final Zone ZONE = Zone.of("www.example.com. 60 IN A 192.0.2.1");

    @TempDir Path folder;

    NamesOverTcpContract(StackUnderTest stack) {
        super(stack);
    }

    private ResolverOptions resolverOptions(Listener server) throws IOException {
        return ResolverOptions.defaults()
                .withServers(addressOf(server))
                .withSearch()
                .withTimeout(Duration.ofSeconds(10))
                .withAttempts(1)
                .withHostsFile(folder.resolve("hosts"))
                .withResolvConf(folder.resolve("resolv.conf"));
    }

    /** Runs {@code client} beside a server's fiber. */
    private static void withServer(Listener listener, FiberTask client) throws Exception {
        Fiber<Void> server =
                Fiber.start(
                        "server",
                        () -> {
                            while (true) {
                                try (Connection connection = listener.accept().connection()) {
                                    serve(connection);
                                }
                            }
                        });
        try {
            client.run();
        } finally {
            server.cancel();
        }
    }

    private static void serve(Connection connection) throws IOException {
        byte[] wire;
        try (Buffer frame = new FrameReader(connection.input(), FRAMES).next()) {
            wire = frame.toByteArray();
        }
        StubDnsServer.Asked asked = new StubDnsServer.Asked(new Message(wire), wire, true, 0);
        new FrameWriter(connection.output(), FRAMES).write(ZONE.message(asked).toWire());
        connection.output().flush();
    }

    private static boolean hasUdp() {
        try (UdpSocket socket = Network.bindUdp(0)) {
            return socket != null;
        } catch (UnsupportedOperationException e) {
            return false;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aServerIsAskedOverTcp() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                // Without UDP it needs no option.
                ResolverOptions options = resolverOptions(listener).withTcpOnly(hasUdp());
                Resolver resolver = Resolver.of(options);
                withServer(
                        listener,
                        () -> {
                            assertThat(resolver.resolve("www.example.com"))
                                    .containsExactly(InetAddress.ofLiteral("192.0.2.1"));
                            assertThatThrownBy(() -> resolver.resolve("no.example.com"))
                                    .isInstanceOf(UnknownHostException.class)
                                    .hasMessageContaining("no such name, says ");
                        });
                assertThat(resolver.counters().overTcp()).isEqualTo(stack().hasIpv6() ? 4 : 2);
            }
        });
    }

    @Test
    void addressesAreNotAskedFor() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                String host = addressOf(listener).getAddress().getHostAddress();
                try (Connection client = Network.connect(host, addressOf(listener).getPort());
                        Connection server = listener.accept().connection()) {
                    assertThat(client.remoteAddress()).isEqualTo(addressOf(listener));
                    assertThat(server.remoteAddress()).isNotNull();
                }
            }
            assertThatThrownBy(() -> Network.connect("127.0.0.256", 1))
                    .isInstanceOf(UnknownHostException.class);
            assertThatThrownBy(() -> Network.connect("a b", 1))
                    .isInstanceOf(UnknownHostException.class);
            assertThatThrownBy(() -> Network.connect("localhost", 65_536))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("port=65536: expected 0 to 65535");
        });
    }
}
