package io.byssus.benchmarks.jmh;

import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One connection between two fibers of one shard, for {@code -prof gc}: what client and server
 * allocate per echoed message, which is to be nothing.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED"
        })
public class EchoBenchmark {
    private static final int OPERATIONS = 10_000;
    private static final int MESSAGE_BYTES = 64;

    private Shards shards;
    private Listener listener;
    private Connection client;

    /** A server fiber and a connection to it. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        shards = Shards.start(new RuntimeOptions().smp(1));
        shards.submitTo(0, this::connect);
    }

    private Void connect() throws IOException {
        listener = Network.listen(new InetSocketAddress("127.0.0.1", 0), ListenOptions.defaults());
        Fiber<Void> server = Fiber.start("echo", this::echo);
        client = Network.connect(listener.localAddress(), ConnectOptions.defaults());
        assert !server.isDone();
        return null;
    }

    private void echo() throws IOException {
        try (Connection connection = listener.accept().connection();
                var in = connection.input();
                var out = connection.output()) {
            for (Buffer buffer = in.read(); !buffer.isEmpty(); buffer = in.read()) {
                out.write(buffer);
                out.flush();
            }
        }
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        shards.submitTo(
                0,
                () -> {
                    client.close();
                    return null;
                });
        shards.stop();
    }

    /** One message there and back. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object echoedMessage() throws IOException {
        return shards.submitTo(0, this::exchange);
    }

    private Void exchange() throws IOException {
        for (int i = 0; i < OPERATIONS; i++) {
            client.output().write(Shard.current().allocate(MESSAGE_BYTES));
            client.output().flush();
            client.input().readExactly(MESSAGE_BYTES).close();
        }
        return null;
    }
}
