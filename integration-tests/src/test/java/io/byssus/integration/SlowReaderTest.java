package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.RunningExample.Buffers;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send and do not read: their server stops reading from them instead of storing. */
class SlowReaderTest {
    private static final int CLIENTS = 10;
    private static final int SEND_BUFFER = 256 << 10;

    /** What a client may get rid of before its server has stopped for good: kernel buffers. */
    private static final long BYTES_MAX = 64L << 20;

    /** Beyond a warm server; heap growth of the JVM is most of it. */
    private static final long GROWTH_MAX = 64L << 20;

    /** How long no byte is taken before nobody believes in another one. */
    private static final long STUCK_MILLIS = 200;

    private static final byte[] REQUESTS =
            HttpClientSocket.get("/json").repeat(1000).getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @ValueSource(strings = {"echo", "http"})
    void memoryOfTheServerStaysBounded(String name) throws Exception {
        List<SocketChannel> channels = new ArrayList<>();
        try (RunningExample server = RunningExample.start(Buffers.RECYCLING, name)) {
            long before = server.child().residentBytes();
            long sent = 0;
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    SocketChannel channel = server.open();
                    channels.add(channel);
                    sent += sendUntilStuck(channel);
                }
                long growth = server.child().residentBytes() - before;
                System.out.printf(
                        "%s: %d clients got rid of %d KiB, the server grew by %d KiB%n",
                        name, CLIENTS, sent >> 10, growth >> 10);
                assertThat(growth).isLessThan(GROWTH_MAX);

                // Another client is served meanwhile.
                String port = Integer.toString(server.port());
                String request = HttpClientSocket.get("/", "Connection: close");
                assertThat(Child.run(request, "nc", "-N", "127.0.0.1", port).out()).isNotEmpty();
            } finally {
                for (SocketChannel channel : channels) {
                    channel.close();
                }
            }
            server.stopCleanly();
        }
    }

    private static long sendUntilStuck(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
        channel.configureBlocking(false);
        ByteBuffer requests = ByteBuffer.wrap(REQUESTS);
        long sent = 0;
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_WRITE);
            while (selector.select(key -> assertThat(key.isWritable()).isTrue(), STUCK_MILLIS)
                    > 0) {
                sent += channel.write(requests);
                if (!requests.hasRemaining()) {
                    requests.rewind();
                }
                assertThat(sent).as("bytes that a server takes in").isLessThan(BYTES_MAX);
            }
        }
        return sent;
    }
}
