package io.byssus.net.nio;

import io.byssus.net.spi.ListenGroup;
import io.byssus.net.spi.ListenGroups;
import io.byssus.net.spi.UdpPorts;
import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The ports that the shards of one runtime share.
 *
 * <p><b>Ownership:</b> any shard; fibers take its lock, carriers never do.
 */
final class NioPorts {
    private final ListenGroups<NioListener> groups;
    private final UdpPorts udp;
    private final ReentrantLock lock = new ReentrantLock();

    /** Channels that all shards of a group have in common. */
    private final Map<ListenGroup<NioListener>, AcceptPoint> common = new IdentityHashMap<>();

    /** Makes the listening channel. */
    @FunctionalInterface
    interface Opener {
        AcceptPoint open() throws IOException;
    }

    NioPorts(int shards) {
        this.groups = new ListenGroups<>(shards);
        this.udp = new UdpPorts(shards);
    }

    ListenGroups<NioListener> groups() {
        return groups;
    }

    UdpPorts udp() {
        return udp;
    }

    /** The group's channel; the first to ask opens it. */
    AcceptPoint join(ListenGroup<NioListener> group, Opener opener) throws IOException {
        lock.lock();
        try {
            AcceptPoint point = common.get(group);
            if (point == null) {
                point = opener.open();
                common.put(group, point);
            } else {
                point.members++;
            }
            return point;
        } finally {
            lock.unlock();
        }
    }

    /** A shard has left {@code point}, and its selector has forgotten it. */
    void leave(ListenGroup<NioListener> group, AcceptPoint point) {
        lock.lock();
        try {
            if (--point.members == 0) {
                common.remove(group, point);
                point.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
