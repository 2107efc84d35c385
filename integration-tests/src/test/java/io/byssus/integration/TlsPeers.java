package io.byssus.integration;

import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.net.tls.TlsServer;
import io.byssus.net.tls.TlsServerOptions;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * An echo server over TLS in this process, which also has a page; for clients that are OpenSSL's.
 */
final class TlsPeers implements AutoCloseable {
    private static final String PAGE = "HTTP/1.0 200 OK\r\n\r\nHello, curl!";

    private final Shards shards;
    private final int port;

    private TlsPeers(Shards shards, int port) {
        this.shards = shards;
        this.port = port;
    }

    static Shards runtime() {
        return Shards.start(
                new RuntimeOptions().smp(1).overprovisioned(true).networkStack("posix"));
    }

    static TlsPeers serve(TlsServerOptions options) throws Exception {
        TlsServer tls = TlsServer.of(options);
        Shards shards = runtime();
        CompletableFuture<Integer> port = new CompletableFuture<>();
        try {
            shards.submitTo(
                    0,
                    () -> {
                        Listener listener =
                                Network.listen(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                        ListenOptions.defaults().withLayer(tls));
                        port.complete(listener.localAddress().getPort());
                        Fiber.start("accept", () -> serviceLoop(listener));
                        return null;
                    });
            return new TlsPeers(shards, port.join());
        } catch (Throwable e) {
            shards.stop();
            throw e;
        }
    }

    private static void serviceLoop(Listener listener) throws IOException {
        while (true) {
            Connection connection = listener.accept().connection();
            Fiber.start("echo", () -> echo(connection));
        }
    }

    private static void echo(Connection connection) throws IOException {
        try (connection;
                var in = connection.input();
                var out = connection.output()) {
            for (Buffer buffer = in.read(); !buffer.isEmpty(); buffer = in.read()) {
                if (buffer.toString(StandardCharsets.US_ASCII).startsWith("GET ")) {
                    buffer.close();
                    out.write(PAGE);
                    return;
                }
                out.write(buffer);
                out.flush();
            }
        }
    }

    /** {@code openssl s_client} to it. */
    Child client(String... options) {
        return Child.start(clientCommand(options));
    }

    /** {@code openssl s_client} to it that says one line and goes. */
    Child.Ended clientThatGoes(String... options) {
        return Child.run("Q\n", clientCommand(options).toArray(String[]::new));
    }

    private List<String> clientCommand(String... options) {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect"));
        command.add("127.0.0.1:" + port);
        command.addAll(Arrays.asList(options));
        return command;
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        shards.stop();
    }
}
