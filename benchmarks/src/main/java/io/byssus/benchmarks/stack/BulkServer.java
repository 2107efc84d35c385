package io.byssus.benchmarks.stack;

import io.byssus.net.Accepted;
import io.byssus.net.Connection;
import io.byssus.net.ConnectionInput;
import io.byssus.net.ConnectionOutput;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.RuntimeArguments;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Moves bytes one way as fast as it can: the first byte of a connection says which way. After
 * {@link #TAKE} it throws away what comes; after {@link #GIVE} it sends until the connection ends.
 */
@Command(name = "bulk", description = "Take or give bytes as fast as possible.")
public final class BulkServer implements Callable<Integer> {
    /** The client sends. */
    public static final byte TAKE = 'T';

    /** The client receives. */
    public static final byte GIVE = 'G';

    private static final int BLOCK_BYTES = 64 << 10;

    @Mixin private RuntimeArguments runtime;

    @Option(names = "--port", defaultValue = "1234", description = "port to listen on")
    private int port;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BulkServer()).execute(arguments));
    }

    @Override
    public Integer call() {
        return Byssus.run(runtime.toOptions(), shards -> shards.onEach(this::serviceLoop));
    }

    private void serviceLoop() throws IOException {
        try (Listener listener =
                Network.listen(new InetSocketAddress(port), ListenOptions.reuseAddress())) {
            while (true) {
                Accepted accepted = listener.accept();
                Fiber.start("bulk", () -> handleConnection(accepted.connection()));
            }
        }
    }

    private static void handleConnection(Connection connection) throws IOException {
        try (connection) {
            ConnectionInput in = connection.input();
            Buffer first = in.read();
            boolean give = !first.isEmpty() && first.get(0) == GIVE;
            first.close();
            if (give) {
                give(connection.output());
            } else {
                take(in);
            }
        } catch (SocketException reset) {
            connection.reset(); // a client that has received enough ends it like this
        }
    }

    private static void take(ConnectionInput in) throws IOException {
        for (Buffer buffer = in.read(); !buffer.isEmpty(); buffer = in.read()) {
            buffer.close();
        }
    }

    private static void give(ConnectionOutput out) throws IOException {
        try (Buffer block = Shard.current().allocate(BLOCK_BYTES)) {
            while (true) {
                out.write(block.share());
                out.flush();
            }
        }
    }
}
