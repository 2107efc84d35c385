package io.byssus.net;

import java.io.IOException;

/** Both ends of one connection, on the calling fiber's shard. */
record Pair(Connection client, Connection server) implements AutoCloseable {
    /** Buffers so small that a writer soon has to wait. */
    private static final int TIGHT_BYTES = 8192;

    static ListenOptions tightListen() {
        return ListenOptions.defaults()
                .withSendBufferBytes(TIGHT_BYTES)
                .withReceiveBufferBytes(TIGHT_BYTES);
    }

    static ConnectOptions tightConnect() {
        return ConnectOptions.defaults()
                .withSendBufferBytes(TIGHT_BYTES)
                .withReceiveBufferBytes(TIGHT_BYTES);
    }

    /** Gives both ends up, whatever state they are in. */
    void reset() {
        client.reset();
        server.reset();
    }

    @Override
    public void close() throws IOException {
        try (client;
                server) {
            client.output();
        }
    }
}
