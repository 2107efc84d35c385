package io.byssus.examples;

import io.byssus.net.Accepted;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.fiber.Fiber;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The chapter's second server: answers every connection with one line. */
@Command(name = "hello", description = "Answer every connection with one line, then close it.")
final class HelloServer implements Callable<Integer> {
    private static final String CANNED_RESPONSE = "Byssus is the future!\n";

    @Mixin private ServerOptions options;

    @Override
    public Integer call() {
        return Byssus.run(options.runtime(), shards -> shards.onEach(this::serviceLoop));
    }

    private void serviceLoop() throws IOException {
        try (Listener listener = options.listen(ListenOptions.reuseAddress())) {
            while (true) {
                Accepted accepted = listener.accept();
                Fiber.start("hello", () -> handleConnection(accepted.connection()));
            }
        }
    }

    private static void handleConnection(Connection connection) throws IOException {
        try (connection;
                var out = connection.output()) {
            out.write(CANNED_RESPONSE);
        }
    }
}
