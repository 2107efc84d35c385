package io.byssus.examples;

import io.byssus.net.Accepted;
import io.byssus.net.Connection;
import io.byssus.net.ConnectionInput;
import io.byssus.net.ConnectionOutput;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A small HTTP/1.1 server with keep-alive and pipelining. Requests are parsed by Jetty's parser;
 * the connection's loop reads a buffer, answers every request in it, and flushes once.
 */
@Command(name = "http", description = "HTTP/1.1: GET /, /plaintext, /json and /metrics.")
final class HttpServer implements Callable<Integer> {
    private static final Duration LINGER = Duration.ofSeconds(1);
    private static final int LINGER_BYTES_MAX = 1 << 20;
    private static final double NANOS_PER_SECOND = 1e9;

    @Mixin private ServerOptions options;

    /** From a request's first bytes to its last; a connection without a request may stay. */
    private Duration requestTime;

    @Spec private CommandSpec spec;

    private MetricsPage metrics;

    @Option(
            names = "--request-timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description =
                    "how long a client may take to send a request, or to take some of an answer"
                            + " (default: ${DEFAULT-VALUE})")
    private void requestTimeout(double seconds) {
        if (!(seconds > 0)) {
            throw new ParameterException(
                    spec.commandLine(), "--request-timeout: must be more than zero");
        }
        requestTime = Duration.ofNanos((long) (seconds * NANOS_PER_SECOND));
    }

    @Override
    public Integer call() {
        return Byssus.run(
                options.runtime(),
                shards -> {
                    metrics = new MetricsPage(shards);
                    shards.onEach(this::serviceLoop);
                });
    }

    private void serviceLoop() throws IOException {
        Shards shards = Shards.current();
        try (Listener listener = options.listen(ListenOptions.reuseAddress())) {
            while (true) {
                Accepted accepted = listener.accept();
                Fiber.start("http", () -> handleConnection(accepted.connection(), shards));
            }
        }
    }

    private void handleConnection(Connection connection, Shards shards) throws IOException {
        try (connection;
                var in = connection.input();
                var out = connection.output()) {
            out.timeout(requestTime);
            HttpRequests requests = new HttpRequests();
            try {
                serve(requests, in, out, shards);
                if (requests.isBad()) {
                    linger(connection);
                }
            } catch (SocketTimeoutException e) {
                connection.reset(); // it asks, and does not take the answers
            }
        }
    }

    /**
     * Until a side wants the connection to end.
     *
     * @throws SocketTimeoutException if the client does not take its answers
     */
    private void serve(
            HttpRequests requests, ConnectionInput in, ConnectionOutput out, Shards shards)
            throws IOException {
        long limited = -1; // the number of the request that has its deadline
        boolean open = true;
        while (open) {
            if (!requests.isPartial()) {
                in.deadline(Deadline.NONE);
            } else if (limited != requests.count()) {
                limited = requests.count();
                in.deadline(Deadline.after(requestTime)); // once: it may not be trickled for ever
            }
            try (Buffer buffer = read(requests, in)) {
                open = !buffer.isEmpty() && answer(requests, buffer.asByteBuffer(), out, shards);
            }
            if (requests.isTimedOut()) {
                out.write(requests.response().bytes(requests.isHead(), requests.keepsAlive()));
            }
            out.flush();
        }
    }

    /** What the client sends next; nothing at the end, also when the end of a request is late. */
    private static Buffer read(HttpRequests requests, ConnectionInput in) throws IOException {
        try {
            return in.read();
        } catch (SocketTimeoutException e) {
            requests.timeOut();
            return Buffer.EMPTY;
        }
    }

    /**
     * Answers the requests that end in {@code bytes}.
     *
     * @return whether the connection stays open
     */
    private boolean answer(
            HttpRequests requests, ByteBuffer bytes, ConnectionOutput out, Shards shards)
            throws IOException {
        while (requests.next(bytes)) {
            HttpResponse response = requests.response();
            boolean keepAlive = requests.keepsAlive() && shards.isReady();
            boolean head = requests.isHead();
            out.write(
                    response == HttpResponse.METRICS
                            ? response.bytes(metrics.text(), head, keepAlive)
                            : response.bytes(head, keepAlive));
            if (!keepAlive) {
                return false;
            }
        }
        return true;
    }

    /**
     * Ends our side and reads on for a moment: a client that is still sending would otherwise be
     * reset before it has read why its request was refused.
     */
    private static void linger(Connection connection) throws IOException {
        ConnectionInput in = connection.input();
        connection.output().close();
        in.deadline(Deadline.after(LINGER));
        try {
            in.skip(LINGER_BYTES_MAX);
        } catch (SocketTimeoutException e) {
            connection.reset(); // it has had its time to read the answer
        }
    }
}
