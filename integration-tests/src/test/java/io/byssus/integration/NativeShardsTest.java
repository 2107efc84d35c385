package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.RunningExample.Buffers;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two shards share an interface with several queues. */
@Tag("tun")
@Timeout(60)
class NativeShardsTest {
    private static final int CONNECTIONS = 200;
    private static final int LIMIT_MILLIS = 20_000;
    private static final long BYTES = 8L << 20;

    private TapNetwork network;

    @BeforeEach
    void start() throws Exception {
        network = TapNetwork.createMultiQueue();
    }

    @AfterEach
    void stop() throws Exception {
        if (network != null) {
            network.close();
        }
    }

    @Test
    void manyConnectionsAtOnceCarryMuch() throws Exception {
        Payload payload = Payload.seeded(BYTES);
        try (RunningExample echo = network.start(Buffers.RECYCLING, "echo", "--smp", "2")) {
            assertThat(echo.shards()).isEqualTo(2);
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Socket socket = network.connect(echo);
                all.add(CompletableFuture.runAsync(() -> assertPasses(payload, socket)));
            }
            all.forEach(CompletableFuture::join);
            echo.stopCleanly();
        }
    }

    /** Connections of both shards, to one neighbour; and ping, whichever queue it arrives on. */
    @Test
    void bothShardsConnectOutAndAreConnectedTo() throws Exception {
        try (ServerSocket upstream = network.listen();
                RunningExample proxy =
                        network.start(
                                "proxy",
                                "--smp",
                                "2",
                                "--to",
                                TapNetwork.KERNEL + ":" + upstream.getLocalPort())) {
            upstream.setSoTimeout(LIMIT_MILLIS);
            for (int i = 0; i < CONNECTIONS; i++) {
                try (Socket client = network.connect(proxy);
                        Socket server = upstream.accept()) {
                    server.setSoTimeout(LIMIT_MILLIS);
                    client.getOutputStream().write(i);
                    assertThat(server.getInputStream().read()).isEqualTo(i & 0xff);
                    server.getOutputStream().write(i + 1);
                    assertThat(client.getInputStream().read()).isEqualTo(i + 1 & 0xff);
                }
            }
            Child.Ended ping =
                    network.run("", "ping", "-n", "-c5", "-i0.05", "-W5", TapNetwork.NATIVE);
            assertThat(ping.out()).contains("5 received, 0% packet loss");
            proxy.stopCleanly();
        }
    }

    private static void assertPasses(Payload payload, Socket socket) {
        try (socket) {
            CompletableFuture<Long> sent = payload.sendAsync(socket);
            assertThat(payload.checksum(socket.getInputStream())).isEqualTo(sent.join());
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
