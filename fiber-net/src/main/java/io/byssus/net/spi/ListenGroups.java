package io.byssus.net.spi;

import io.byssus.net.Distribution;
import io.byssus.net.ListenOptions;
import io.byssus.net.spi.ListenGroup.Opener;
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
 *
 * @param <L> a stack's listener
 */
public final class ListenGroups<L extends ListenGroup.Member> {
    private final int shards;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<ListenGroup<L>> groups = new ArrayList<>();

    /** With no listener. */
    public ListenGroups(int shards) {
        this.shards = shards;
    }

    /**
     * Makes the calling shard's listener for {@code address}; the first to ask takes the port.
     *
     * @throws IllegalArgumentException if the options contradict those of another shard
     */
    public L listen(int shard, InetSocketAddress address, ListenOptions options, Opener<L> opener)
            throws IOException {
        Distribution distribution = options.distribution();
        if (distribution.shard() >= shards) {
            throw new IllegalArgumentException(
                    "distribution=" + distribution + ": there are " + shards + " shards");
        }
        lock.lock();
        try {
            ListenGroup<L> group = find(shard, address);
            if (group == null) {
                group = new ListenGroup<>(this, address, options, shards);
                L listener = group.open(shard, options, opener);
                groups.add(group);
                return listener;
            }
            return group.open(shard, options, opener);
        } finally {
            lock.unlock();
        }
    }

    /** Called as the last listener of {@code group} closes. */
    void remove(ListenGroup<L> group) {
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
    private ListenGroup<L> find(int shard, InetSocketAddress address) {
        for (ListenGroup<L> group : groups) {
            if (group.requested().equals(address) && !group.hasJoined(shard) && !group.isEmpty()) {
                return group;
            }
        }
        return null;
    }
}
