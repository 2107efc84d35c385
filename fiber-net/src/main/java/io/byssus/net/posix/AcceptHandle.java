package io.byssus.net.posix;

import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.reactor.Reactor;
import java.net.InetSocketAddress;

/**
 * A listening socket, and what is known of its queue.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
class AcceptHandle extends ReadinessHandle {
    AcceptHandle(Reactor reactor, ReadinessBackend backend, int fd, InetSocketAddress bound) {
        super(reactor, backend, fd, 0, bound);
    }

    /**
     * The descriptor of the next connection, or an {@link Errno}, negative.
     *
     * @param scratch room for the client's address and, behind it, its length
     */
    int accept(long scratch) {
        int accepted =
                Sockets.accept(callState(), fd, scratch, scratch + SocketAddresses.BYTES_MAX);
        return accepted < 0 ? -callState().errno() : accepted;
    }

    /** The runtime stops: what is accepted from now on, is accepted by {@link #accept} itself. */
    void drain() {}

    /** Turns away whom it has accepted and nobody has taken; it is closed. */
    void turnAway() {}
}
