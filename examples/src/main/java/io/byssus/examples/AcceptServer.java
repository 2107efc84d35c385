package io.byssus.examples;

import io.byssus.net.Accepted;
import io.byssus.net.Addresses;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.runtime.Byssus;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The chapter's first server: accepts connections, says so, and closes them. */
@Command(name = "accept", description = "Accept connections, print where they come from, close.")
final class AcceptServer implements Callable<Integer> {
    @Mixin private ServerOptions options;

    @Override
    public Integer call() {
        return Byssus.run(options.runtime(), shards -> shards.onEach(this::serviceLoop));
    }

    private void serviceLoop() throws IOException {
        try (Listener listener = options.listen(ListenOptions.reuseAddress())) {
            while (true) {
                Accepted accepted = listener.accept();
                System.out.println(
                        "Accepted connection from " + Addresses.format(accepted.remoteAddress()));
                accepted.connection().close();
            }
        }
    }
}
