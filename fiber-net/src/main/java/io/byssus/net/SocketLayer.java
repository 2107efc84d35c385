package io.byssus.net;

import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.memory.Buffer;

/**
 * What comes between a connection's streams and its socket, such as TLS.
 *
 * <p><b>Ownership:</b> immutable, for any shard; the sockets that it makes are confined to theirs.
 */
@FunctionalInterface
public interface SocketLayer {
    /**
     * A socket that speaks through {@code socket}, which belongs to it from now on. Neither parks
     * nor fails: what can, happens when the socket is first used.
     *
     * @param received what has been read of the connection's input and is this layer's; owned by
     *     the new socket; {@link Buffer#EMPTY} if there is nothing
     */
    StackSocket over(StackSocket socket, Buffer received);
}
