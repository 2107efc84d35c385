package io.byssus.examples;

import io.byssus.net.Accepted;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The chapter's third server, RFC 862: sends back what it receives until the client closes. */
@Command(name = "echo", description = "Send back what is received (RFC 862).")
final class EchoServer implements Callable<Integer> {
    @Mixin private ServerOptions options;

    @Override
    public Integer call() {
        return Byssus.run(options.runtime(), shards -> shards.onEach(this::serviceLoop));
    }

    private void serviceLoop() throws IOException {
        try (Listener listener = options.listen(ListenOptions.reuseAddress())) {
            while (true) {
                Accepted accepted = listener.accept(); // parks this fiber, never the shard
                Fiber.start("echo", () -> handleConnection(accepted.connection()));
            }
        }
    }

    private static void handleConnection(Connection connection) throws IOException {
        try (connection;
                var in = connection.input();
                var out = connection.output()) {
            for (Buffer buffer = in.read(); !buffer.isEmpty(); buffer = in.read()) {
                out.write(buffer); // the buffer belongs to the stream now
                out.flush();
            }
        }
    }
}
