package io.byssus.integration;

import io.byssus.net.Addresses;
import io.byssus.net.Connection;
import io.byssus.net.Distribution;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.net.ProxyHeader;
import io.byssus.net.ProxyProtocol;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A server that tells what the PROXY protocol's headers said, a line for each connection. Shard 1
 * serves all of them, whoever accepts them.
 */
final class ProxiedPrinter {
    private static final ListenOptions OPTIONS =
            ListenOptions.reuseAddress()
                    .withDistribution(Distribution.fixedShard(1))
                    .withProxyProtocol(ProxyProtocol.fromPrivateNetworks());

    private ProxiedPrinter() {}

    /** Its port is the system property {@code port}. */
    public static void main(String[] args) {
        Byssus.run(args, shards -> shards.onEach(ProxiedPrinter::serviceLoop));
    }

    private static void serviceLoop() throws IOException {
        try (Listener listener = Network.listen(Integer.getInteger("port"), OPTIONS)) {
            System.out.println("shard " + Shard.current().id() + " listens");
            while (true) {
                try (Connection connection = listener.accept().connection()) {
                    System.out.println(describe(connection));
                }
            }
        }
    }

    private static String describe(Connection connection) throws IOException {
        ProxyHeader header = connection.proxyHeader().orElseThrow();
        String client =
                connection.remoteAddress().equals(connection.peerAddress())
                        ? "itself"
                        : Addresses.format(connection.remoteAddress());
        return "v%d from %s to %s on shard %d, unique id %s"
                .formatted(
                        header.version(),
                        client,
                        header.destination().map(Addresses::format).orElse("itself"),
                        Shard.current().id(),
                        header.extension(ProxyHeader.UNIQUE_ID)
                                .map(id -> new String(id, StandardCharsets.US_ASCII))
                                .orElse("none"));
    }
}
