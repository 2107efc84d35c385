package io.byssus.net.nio;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A listening channel, of one shard or of several. What several share is in the selectors of all:
 * each has it told that somebody is there, and the first to look gets the client.
 *
 * <p><b>Ownership:</b> any shard.
 */
final class AcceptPoint {
    private final ServerSocketChannel channel;
    private final Runnable afterClose;

    /** Nobody waits for the channel's own lock, in which a fiber would park. */
    private final AtomicBoolean busy = new AtomicBoolean();

    /** Guarded by {@link NioPorts}' lock. */
    int members = 1;

    /**
     * @param afterClose called when the channel has been closed
     */
    AcceptPoint(ServerSocketChannel channel, Runnable afterClose) {
        this.channel = channel;
        this.afterClose = afterClose;
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /**
     * The next client, or null if there is none, or another shard is just taking one: then the
     * selector tells if there are more.
     */
    SocketChannel accept() throws IOException {
        if (!busy.compareAndSet(false, true)) {
            return null;
        }
        try {
            return channel.accept();
        } finally {
            busy.set(false);
        }
    }

    /** The last shard has left. */
    void close() {
        NioHandle.closeQuietly(channel);
        afterClose.run();
    }
}
