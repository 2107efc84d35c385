package io.byssus.benchmarks.tls;

import io.byssus.benchmarks.Arguments;
import io.byssus.net.Addresses;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.net.tls.TlsProvider;
import io.byssus.net.tls.TlsServer;
import io.byssus.net.tls.TlsServerOptions;
import io.byssus.net.tls.TlsVersion;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Answers {@link TlsRequest}s on one shard. */
public final class ByssusTlsServer {
    private static final int REQUEST_BYTES_MAX = 4096;

    private ByssusTlsServer() {}

    public static void main(String[] arguments) throws IOException {
        Arguments given =
                Arguments.parse(
                        arguments,
                        "usage: --cert FILE --key FILE --provider jdk|openssl",
                        List.of("cert", "key", "provider"),
                        List.of());
        TlsServer tls =
                TlsServer.of(
                        TlsServerOptions.of(
                                        Path.of(given.text("cert", "")),
                                        Path.of(given.text("key", "")))
                                .withVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_3)
                                .withCipherSuites(List.of(TlsRequest.CIPHER))
                                .withProvider(
                                        given.constant(
                                                "provider", TlsProvider.class, TlsProvider.JDK)));
        RuntimeOptions options = new RuntimeOptions().smp(1).networkStack("posix");
        System.exit(Byssus.run(options, shards -> serve(tls)));
    }

    private static void serve(TlsServer tls) throws IOException {
        ListenOptions options = ListenOptions.defaults().withLayer(tls);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Listener listener = Network.listen(any, options);
                Buffer piece = Shard.current().allocate(TlsRequest.PIECE_BYTES)) {
            System.out.println("listening on " + Addresses.format(listener.localAddress()));
            while (true) {
                Connection connection = listener.accept().connection();
                Fiber.start("answer", () -> answer(connection, piece));
            }
        }
    }

    private static void answer(Connection connection, Buffer piece) throws IOException {
        try (connection;
                var in = connection.input();
                var out = connection.output()) {
            StringBuilder text = new StringBuilder();
            long bytes = -1;
            while (bytes < 0 && text.length() < REQUEST_BYTES_MAX) {
                try (Buffer buffer = in.read()) {
                    if (buffer.isEmpty()) {
                        return;
                    }
                    text.append(buffer.toString(StandardCharsets.US_ASCII));
                }
                bytes = TlsRequest.bytes(text.toString());
            }
            for (long left = bytes; left > 0; left -= TlsRequest.PIECE_BYTES) {
                out.write(piece.share(0, (int) Math.min(left, TlsRequest.PIECE_BYTES)));
            }
            out.flush();
        }
    }
}
