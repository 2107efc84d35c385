package io.byssus.net.spi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The UDP ports of a runtime: through it the shards that bind the same address find each other.
 *
 * <p><b>Ownership:</b> any shard; fibers take its lock, carriers never do.
 */
public final class UdpPorts {
    private final int shards;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Port> ports = new ArrayList<>();

    /** Binds a shard's socket. */
    @FunctionalInterface
    public interface Binder {
        /**
         * Binds the socket.
         *
         * @param joins whether another shard of this runtime has the address, and shares it
         * @return the address it got
         */
        InetSocketAddress bind(boolean joins) throws IOException;
    }

    /** An address that one shard has bound, or several. */
    public static final class Port {
        private final InetSocketAddress bound;
        private final boolean[] joined;

        private Port(InetSocketAddress bound, int shards) {
            this.bound = bound;
            this.joined = new boolean[shards];
        }

        /** The address that the first shard has got. */
        public InetSocketAddress bound() {
            return bound;
        }

        private boolean isUnused() {
            for (boolean shard : joined) {
                if (shard) {
                    return false;
                }
            }
            return true;
        }
    }

    /** With no port. */
    public UdpPorts(int shards) {
        this.shards = shards;
    }

    /** Binds {@code shard}'s socket to {@code address}; the first to ask takes the port. */
    public Port bind(int shard, InetSocketAddress address, Binder binder) throws IOException {
        lock.lock();
        try {
            Port port = find(shard, address);
            InetSocketAddress bound = binder.bind(port != null);
            if (port == null) {
                port = new Port(bound, shards);
                ports.add(port);
            }
            port.joined[shard] = true;
            return port;
        } finally {
            lock.unlock();
        }
    }

    /** The shard's socket is closed. */
    public void release(int shard, Port port) {
        lock.lock();
        try {
            port.joined[shard] = false;
            if (port.isUnused()) {
                ports.remove(port);
            }
        } finally {
            lock.unlock();
        }
    }

    private Port find(int shard, InetSocketAddress address) {
        for (Port port : ports) {
            if (port.bound.equals(address) && !port.joined[shard]) {
                return port;
            }
        }
        return null;
    }
}
