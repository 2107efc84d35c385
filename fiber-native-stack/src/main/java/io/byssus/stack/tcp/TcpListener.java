package io.byssus.stack.tcp;

import io.byssus.stack.ip.IpAddress;
import java.util.ArrayDeque;

/**
 * A passive open (RFC 9293, 3.10.1): makes connections of the SYNs that come for its port, and
 * keeps those that are established until somebody accepts them.
 *
 * <p>Two bounds: so many established connections wait ({@code backlog}); so many more are half
 * open. A SYN beyond the second is answered with a cookie. When the first is reached, what would
 * establish another connection is dropped, never reset: the peer tries again, and finds room then.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class TcpListener {
    /** Who accepts, on the listener's shard; must not park. */
    public interface User {
        /** A peer has begun to connect. */
        void onOpened();

        /** A connection can be accepted. */
        void onAcceptable();

        /** A connection has ended before it could be accepted. */
        void onGone();
    }

    private final IpAddress address;
    private final int port;
    private final int backlog;
    private final int halfOpenMax;
    private final TcpSettings settings;
    private final User user;
    private final ArrayDeque<TcpConnection> acceptable = new ArrayDeque<>();
    private int halfOpen;
    private boolean draining;

    /**
     * @param address unspecified for all of the host's
     * @param backlog established connections that wait
     * @param halfOpenMax connections whose handshake is under way
     * @param user told what happens
     */
    TcpListener(
            IpAddress address,
            int port,
            int backlog,
            int halfOpenMax,
            TcpSettings settings,
            User user) {
        this.address = address;
        this.port = port;
        this.backlog = backlog;
        this.halfOpenMax = halfOpenMax;
        this.settings = settings;
        this.user = user;
    }

    public IpAddress address() {
        return address;
    }

    public int port() {
        return port;
    }

    User user() {
        return user;
    }

    TcpSettings settings() {
        return settings;
    }

    boolean matches(long localHigh, long localLow, int localPort) {
        return port == localPort
                && (address.isUnspecified()
                        || (address.low() == localLow && address.high() == localHigh));
    }

    /** From now on no handshake begins; those under way are brought to their end. */
    public void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    boolean mayOpenHalf() {
        return halfOpen < halfOpenMax;
    }

    boolean mayEstablish() {
        return acceptable.size() <= backlog; // one more, as everywhere
    }

    void halfOpened() {
        halfOpen++;
    }

    void halfClosed() {
        halfOpen--;
        assert halfOpen >= 0;
    }

    /** A handshake is complete. */
    void established(TcpConnection connection) {
        acceptable.add(connection);
        user.onAcceptable();
    }

    /** One that waited here has ended; a reset one stays, so that the acceptor learns of it. */
    public boolean hasAcceptable() {
        return !acceptable.isEmpty();
    }

    /** How many wait. */
    public int acceptableCount() {
        return acceptable.size();
    }

    /** How many handshakes are under way. */
    public int halfOpenCount() {
        return halfOpen;
    }

    /** The connection that has waited longest; it belongs to the caller now. Null if none waits. */
    public TcpConnection accept() {
        return acceptable.poll();
    }
}
