package io.byssus.net.posix;

import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import java.io.IOException;

/** An echo server on one shard, in a JVM that may be short of something. */
final class EchoUnderLimits {
    private static final String BACKEND = System.getProperty("backend", "epoll");

    private EchoUnderLimits() {}

    public static void main(String[] args) {
        RuntimeOptions options =
                new RuntimeOptions().reactorBackend(BACKEND).smp(1).overprovisioned(true);
        System.exit(Byssus.run(options, shards -> shards.onEach(EchoUnderLimits::serviceLoop)));
    }

    private static void serviceLoop() throws IOException {
        try (Listener listener = Network.listen(0, ListenOptions.reuseAddress())) {
            System.out.println("port " + listener.localAddress().getPort());
            while (true) {
                Connection connection = listener.accept().connection();
                Fiber.start("echo", () -> echo(connection));
            }
        }
    }

    private static void echo(Connection connection) throws IOException {
        try (connection) {
            Buffer buffer = connection.input().read();
            while (!buffer.isEmpty()) {
                connection.output().write(buffer);
                connection.output().flush();
                buffer = connection.input().read();
            }
        }
    }
}
