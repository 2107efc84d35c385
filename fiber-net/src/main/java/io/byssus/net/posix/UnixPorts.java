package io.byssus.net.posix;

import io.byssus.net.UnixAddress;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.SocketFiles;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The Unix sockets that a runtime listens on. A path has one listening socket; it is kept here, and
 * each shard has a descriptor of its own for it.
 *
 * <p><b>Ownership:</b> any shard; fibers take its lock, carriers never do.
 */
final class UnixPorts {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<UnixAddress, Port> ports = new HashMap<>();

    /** Makes the listening socket. */
    @FunctionalInterface
    interface Opener {
        int open() throws IOException;
    }

    private static final class Port {
        private final int fd;
        private int shards;

        Port(int fd) {
            this.fd = fd;
        }
    }

    /** A descriptor for the calling shard, owned by the caller; the first to ask opens it. */
    int take(CallState state, UnixAddress address, Opener opener) throws IOException {
        lock.lock();
        try {
            Port port = ports.get(address);
            if (port == null) {
                port = new Port(opener.open());
                ports.put(address, port);
            }
            int fd = SocketFiles.duplicate(state, port.fd);
            if (fd < 0) {
                IOException failure = Errno.exception("listen", state.errno(), address);
                closeUnused(state, address, port);
                throw failure;
            }
            port.shards++;
            return fd;
        } finally {
            lock.unlock();
        }
    }

    /** The calling shard has closed its descriptor. */
    void release(CallState state, UnixAddress address) {
        lock.lock();
        try {
            Port port = ports.get(address);
            port.shards--;
            closeUnused(state, address, port);
        } finally {
            lock.unlock();
        }
    }

    /** Removes the path first: once the socket is closed, another program may take it over. */
    private void closeUnused(CallState state, UnixAddress address, Port port) {
        if (port.shards > 0) {
            return;
        }
        ports.remove(address);
        if (!address.isAbstract()) {
            SocketFiles.remove(state, address.name());
        }
        Descriptors.close(state, port.fd);
    }
}
