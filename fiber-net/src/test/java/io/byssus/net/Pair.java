package io.byssus.net;

import java.io.IOException;
import java.net.InetSocketAddress;

/** Both ends of one connection, on the calling fiber's shard. */
record Pair(Connection client, Connection server) implements AutoCloseable {
    /** Kernel buffers so small that a writer soon has to wait. */
    private static final int TIGHT_BYTES = 8192;

    static Pair open() throws IOException {
        return open(ListenOptions.defaults(), ConnectOptions.defaults());
    }

    /** A pair in which little fits between writer and reader. */
    static Pair openTight() throws IOException {
        return open(tightListen(), tightConnect());
    }

    static Pair open(ListenOptions listen, ConnectOptions connect) throws IOException {
        return open(NetworkContract.LOOPBACK, listen, connect);
    }

    static Pair open(InetSocketAddress address, ListenOptions listen, ConnectOptions connect)
            throws IOException {
        try (Listener listener = Network.listen(address, listen)) {
            Connection client = Network.connect(listener.localAddress(), connect);
            return new Pair(client, listener.accept().connection());
        }
    }

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
