package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Connections come to all shards, and each stays on the one that accepted it to its end. */
class SpreadTest {
    private static final int SHARDS = 2;
    private static final int CONNECTIONS = 200;
    private static final int ROUNDS = 20;

    /** Of 200 fair coins, fewer than 50 of a kind come once in 10^12 times. */
    private static final int LEAST = 50;

    private final BlockingQueue<InetSocketAddress> bound = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> moved = new LinkedBlockingQueue<>();

    @Test
    void connectionsAreSpreadAndServedWhereTheyWereAccepted() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .smp(SHARDS)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ofMillis(200));
        int[] served = new int[SHARDS];
        try (Shards shards = Shards.start(options)) {
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            for (int i = 0; i < SHARDS; i++) {
                shards.spawn(i, "serve", () -> serve(any));
            }
            InetSocketAddress address = null;
            for (int i = 0; i < SHARDS; i++) {
                address = bound.poll(10, TimeUnit.SECONDS);
                assertThat(address).as("the address of a listening shard").isNotNull();
            }
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < CONNECTIONS; i++) {
                    sockets.add(RunningExample.connect(address));
                }
                for (int round = 0; round < ROUNDS; round++) {
                    askAll(sockets, served);
                }
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
        assertThat(moved).isEmpty();
        assertThat(IntStream.of(served).sum()).isEqualTo(CONNECTIONS * ROUNDS);
        assertThat(served[0] / ROUNDS).isBetween(LEAST, CONNECTIONS - LEAST);
    }

    private static void askAll(List<Socket> sockets, int[] served) throws IOException {
        for (Socket socket : sockets) {
            socket.getOutputStream().write('?');
        }
        for (Socket socket : sockets) {
            served[socket.getInputStream().read()]++;
        }
    }

    private Void serve(InetSocketAddress address) throws IOException {
        try (Listener listener = Network.listen(address, ListenOptions.reuseAddress())) {
            bound.add(listener.localAddress());
            while (true) {
                Connection connection = listener.accept().connection();
                int home = Shard.current().id();
                Fiber.start("spread", () -> answer(connection, home));
            }
        }
    }

    /** Answers each byte with the number of the shard it is on. */
    private void answer(Connection connection, int home) throws IOException {
        try (connection;
                var in = connection.input();
                var out = connection.output()) {
            while (true) {
                try (Buffer buffer = in.read()) {
                    if (buffer.isEmpty()) {
                        return;
                    }
                }
                int here = Shard.current().id();
                if (here != home) {
                    moved.add("from shard " + home + " to shard " + here);
                }
                out.write(new byte[] {(byte) here});
                out.flush();
            }
        }
    }
}
