package io.byssus.net.posix;

import io.byssus.net.Distribution;
import io.byssus.net.ListenOptions;
import io.byssus.net.spi.StackListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The listening ports of a runtime: through it the shards that listen on the same address find each
 * other.
 *
 * <p><b>Ownership:</b> any shard; fibers take its lock, carriers never do.
 */
final class ListenGroups {
    private final int shards;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<ListenGroup> groups = new ArrayList<>();

    ListenGroups(int shards) {
        this.shards = shards;
    }

    /** Makes the calling shard's listener for {@code address}; the first to ask binds the port. */
    StackListener listen(PosixStack stack, InetSocketAddress address, ListenOptions options)
            throws IOException {
        Distribution distribution = options.distribution();
        if (distribution.shard() >= shards) {
            throw new IllegalArgumentException(
                    "distribution=" + distribution + ": there are " + shards + " shards");
        }
        lock.lock();
        try {
            ListenGroup group = find(stack.shard().id(), address);
            if (group == null) {
                group = new ListenGroup(this, address, options, shards);
                PosixListener listener = group.open(stack, options);
                groups.add(group);
                return listener;
            }
            return group.open(stack, options);
        } finally {
            lock.unlock();
        }
    }

    /** Called as the last listener of {@code group} closes. */
    void remove(ListenGroup group) {
        lock.lock();
        try {
            if (group.isEmpty()) {
                groups.remove(group);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The group for {@code address} that {@code shard} has not joined. */
    private ListenGroup find(int shard, InetSocketAddress address) {
        for (ListenGroup group : groups) {
            if (group.requested().equals(address) && !group.hasJoined(shard) && !group.isEmpty()) {
                return group;
            }
        }
        return null;
    }
}
