package io.byssus.examples;

import io.byssus.net.Accepted;
import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.fiber.Fiber;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A TCP relay. Two fibers per connection, one per direction; each ends the stream it writes when
 * the one it reads has ended, so a client may close its side and still get its answer.
 */
@Command(name = "proxy", description = "Relay connections to another address, both ways.")
final class ProxyServer implements Callable<Integer> {
    private static final ConnectOptions CONNECT =
            ConnectOptions.defaults().withTimeout(Duration.ofSeconds(5));
    private static final int PORT_MAX = 65535;

    @Mixin private ServerOptions options;

    private String host;
    private int port;

    @Spec private CommandSpec spec;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "HOST:PORT",
            description = "where to relay to; an IPv6 address goes in brackets")
    private void to(String target) {
        int colon = target.lastIndexOf(':');
        try {
            port = Integer.parseInt(target.substring(colon + 1));
        } catch (NumberFormatException e) {
            port = -1;
        }
        if (colon < 1 || port < 1 || port > PORT_MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--to " + target + ": expected HOST:PORT");
        }
        host = target.substring(0, colon).replaceAll("^\\[|]$", "");
    }

    @Override
    public Integer call() {
        return Byssus.run(options.runtime(), shards -> shards.onEach(this::serviceLoop));
    }

    private void serviceLoop() throws IOException {
        try (Listener listener = options.listen(ListenOptions.reuseAddress())) {
            while (true) {
                Accepted accepted = listener.accept();
                Fiber.start("proxy", () -> handleConnection(accepted.connection()));
            }
        }
    }

    private void handleConnection(Connection client) throws IOException {
        try (client;
                Connection server = Network.connect(host, port, CONNECT)) {
            Fiber<Void> answers = Fiber.start("proxy answers", () -> relay(server, client));
            try {
                relay(client, server);
                answers.join();
            } finally {
                answers.cancel();
            }
        } catch (ConnectException
                | NoRouteToHostException
                | SocketTimeoutException
                | UnknownHostException e) {
            System.err.println(e.getMessage()); // the other side cannot be reached
        }
    }

    /**
     * Copies one direction and ends it where it ended. If it breaks off, both connections are
     * reset: half an answer must not look like a whole one.
     */
    private static void relay(Connection from, Connection to) throws IOException {
        boolean complete = false;
        try {
            from.input().transferTo(to.output());
            to.output().close();
            complete = true;
        } finally {
            if (!complete) {
                from.reset();
                to.reset();
            }
        }
    }
}
