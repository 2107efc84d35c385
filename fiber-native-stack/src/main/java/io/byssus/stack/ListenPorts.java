package io.byssus.stack;

import io.byssus.net.spi.ListenGroup;
import io.byssus.stack.ip.IpAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the shards of a runtime listen. The shard that a SYN comes to finds here who may take it.
 *
 * <p><b>Ownership:</b> any shard; changes come under the lock of the {@code ListenGroups}, readers
 * see one list or the next.
 */
final class ListenPorts {
    private static final int EPHEMERAL_FIRST = 32_768;
    private static final int EPHEMERAL_COUNT = 28_232;

    /** Where the search for a free port goes on. */
    private int next;

    private volatile List<Entry> entries = List.of();

    private record Entry(IpAddress address, int port, ListenGroup<? extends ShardListener> group) {
        boolean contradicts(IpAddress other, int otherPort) {
            return port == otherPort
                    && (address.equals(other) || address.isUnspecified() || other.isUnspecified());
        }
    }

    ListenPorts(int start) {
        next = Math.floorMod(start, EPHEMERAL_COUNT);
    }

    /** The listeners on a local end, or null. */
    ListenGroup<? extends ShardListener> find(long localHigh, long localLow, int localPort) {
        for (Entry entry : entries) {
            if (entry.port == localPort
                    && (entry.address.isUnspecified()
                            || (entry.address.low() == localLow
                                    && entry.address.high() == localHigh))) {
                return entry.group;
            }
        }
        return null;
    }

    /**
     * Takes a port for a group.
     *
     * @param requested with port 0 for any that is free
     * @return what was taken; null if it is not free
     */
    synchronized InetSocketAddress take(
            InetSocketAddress requested, ListenGroup<? extends ShardListener> group) {
        dropEmpty();
        IpAddress address = IpAddress.of(requested.getAddress());
        int port = requested.getPort() == 0 ? freePort(address) : requested.getPort();
        if (port < 0 || isTaken(address, port)) {
            return null;
        }
        List<Entry> more = new ArrayList<>(entries);
        more.add(new Entry(address, port, group));
        entries = List.copyOf(more);
        return new InetSocketAddress(requested.getAddress(), port);
    }

    /** Gives back the ports of groups whose listeners have all closed. */
    synchronized void dropEmpty() {
        entries = entries.stream().filter(entry -> !entry.group.isOver()).toList();
    }

    private int freePort(IpAddress address) {
        for (int i = 0; i < EPHEMERAL_COUNT; i++) {
            int port = EPHEMERAL_FIRST + next;
            next = (next + 1) % EPHEMERAL_COUNT;
            if (!isTaken(address, port)) {
                return port;
            }
        }
        return -1;
    }

    private boolean isTaken(IpAddress address, int port) {
        return entries.stream().anyMatch(entry -> entry.contradicts(address, port));
    }
}
