package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.stack.device.InMemoryLink;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * The protocols alone: two hosts on one core, joined by a cable in memory, no device, no thread, no
 * fiber; checksums made and verified. All of it is the cost of both hosts.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class EngineBenchmark {
    private static final int CONNECTIONS = 64;
    private static final int MESSAGE_BYTES = 64;
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int SEGMENTS_PER_ROUND = 2 * CONNECTIONS;
    private static final int PORT = 80;
    private static final int MTU = 1500;
    private static final int FRAMES_MAX = 1024;
    private static final int NETWORK = 0x0a000000;
    private static final int MASK = 0xffffff00;

    /** As time goes in the simulation: a turn of both hosts takes so long. */
    private static final long TURN_NANOS = 1_000;

    private final BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.RECYCLING);
    private final TcpConnection[] clients = new TcpConnection[CONNECTIONS];
    private final TcpConnection[] servers = new TcpConnection[CONNECTIONS];
    private long now = TURN_NANOS;
    private Host left;
    private Host right;
    private Buffer message;
    private Buffer block;

    private static final class Here implements Home {
        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }
    }

    private static final class Nobody implements TcpListener.User {
        @Override
        public void onOpened() {}

        @Override
        public void onAcceptable() {}

        @Override
        public void onGone() {}
    }

    /** Opens all connections. */
    @Setup
    public void open() {
        InMemoryLink link = new InMemoryLink(0x020000000001L, 0x020000000002L, MTU, FRAMES_MAX);
        left = host(link.left(), 1);
        right = host(link.right(), 2);
        IpAddress here = IpAddress.ofIpv4(NETWORK + 1);
        IpAddress there = IpAddress.ofIpv4(NETWORK + 2);
        TcpListener listener =
                right.tcp().listen(there, PORT, CONNECTIONS, TcpSettings.DEFAULTS, new Nobody());
        for (int i = 0; i < CONNECTIONS; i++) {
            clients[i] =
                    left.tcp().connect(now, here, 0, there, PORT, TcpSettings.DEFAULTS, e -> {});
            do {
                turn();
                servers[i] = right.tcp().accept(listener);
            } while (servers[i] == null);
        }
        message = pool.allocate(MESSAGE_BYTES);
        block = pool.allocate(BLOCK_BYTES);
    }

    private Host host(LinkDevice device, int number) {
        Ipv4Configuration configuration =
                new Ipv4Configuration(
                        List.of(new Ipv4Subnet(NETWORK + number, MASK)),
                        Ipv4Configuration.NO_GATEWAY,
                        MTU,
                        device.macAddress());
        return new Host(
                now,
                configuration,
                TcpLimits.DEFAULTS,
                device,
                pool,
                new SplittableRandom(number),
                Steering.single(new SplittableRandom(number)));
    }

    private void turn() {
        left.turn(now);
        right.turn(now);
        now += TURN_NANOS;
    }

    /** Gives everything back. */
    @TearDown
    public void close() throws IOException {
        left.close();
        right.close();
    }

    /** Questions of 64 bytes on 64 connections and their answers: per segment. */
    @Benchmark
    @OperationsPerInvocation(SEGMENTS_PER_ROUND)
    public void smallSegments() {
        for (TcpConnection client : clients) {
            client.send(message.share());
        }
        int answered = 0;
        while (answered < CONNECTIONS) {
            turn();
            for (TcpConnection server : servers) {
                Buffer question = server.receive();
                if (question != null) {
                    server.send(question);
                }
            }
            for (TcpConnection client : clients) {
                Buffer answer = client.receive();
                if (answer != null) {
                    answer.close();
                    answered++;
                }
            }
        }
    }

    /** One connection's text at MTU 1500, acknowledgments and all: per byte. */
    @Benchmark
    @OperationsPerInvocation(BLOCK_BYTES)
    public void bulk() {
        clients[0].send(block.share());
        int received = 0;
        while (received < BLOCK_BYTES) {
            turn();
            Buffer text = servers[0].receive();
            while (text != null) {
                received += text.length();
                text.close();
                text = servers[0].receive();
            }
        }
    }
}
