package io.byssus.net.spi;

import io.byssus.net.Addresses;
import io.byssus.net.Distribution;
import io.byssus.net.ListenOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The listeners of all shards on one port, and how many connections each has.
 *
 * <p><b>Ownership:</b> {@link #open} under {@link ListenGroups}' lock; the arrays are atomic, since
 * policies of distribution look at all shards.
 *
 * @param <L> a stack's listener
 */
public final class ListenGroup<L extends ListenGroup.Member> {
    /** Entries per shard in {@code connections}, so that shards do not share a cache line. */
    private static final int STRIDE = 16;

    /** One shard's listener. */
    public interface Member {
        /** Makes a fiber that drains look whether there is still something to come. Any shard. */
        void lookAgain();
    }

    /** Makes a shard's listener. */
    @FunctionalInterface
    public interface Opener<L extends Member> {
        /** Takes the port if the group has not {@link ListenGroup#bound} it yet. */
        L open(ListenGroup<L> group) throws IOException;
    }

    private final ListenGroups<L> groups;
    private final InetSocketAddress requested;
    private final ListenOptions options;
    private final boolean[] joined;
    private final AtomicReferenceArray<L> listeners;

    /** Open connections per shard, those being handed over included. */
    private final AtomicIntegerArray connections;

    /** Connections on their way to a shard that has not taken them yet, per shard. */
    private final AtomicIntegerArray underWay;

    /** Whose turn it is, if {@link #spreadInTurn} was called. */
    private final AtomicInteger turn = new AtomicInteger();

    /** Listeners that may still hand over what they accept. */
    private final AtomicInteger listening = new AtomicInteger();

    private volatile InetSocketAddress bound;
    private volatile boolean hasBegun;
    private volatile boolean inTurn;

    ListenGroup(
            ListenGroups<L> groups,
            InetSocketAddress requested,
            ListenOptions options,
            int shards) {
        this.groups = groups;
        this.requested = requested;
        this.options = options;
        this.joined = new boolean[shards];
        this.listeners = new AtomicReferenceArray<>(shards);
        this.connections = new AtomicIntegerArray(shards * STRIDE);
        this.underWay = new AtomicIntegerArray(shards * STRIDE);
    }

    InetSocketAddress requested() {
        return requested;
    }

    boolean hasJoined(int shard) {
        return joined[shard];
    }

    boolean isEmpty() {
        for (int i = 0; i < listeners.length(); i++) {
            if (listeners.get(i) != null) {
                return false;
            }
        }
        return true;
    }

    /** The address that was bound; null until the first listener has bound it. */
    public InetSocketAddress bound() {
        return bound;
    }

    /** The port is taken; called by the first listener as it opens. */
    public void bound(InetSocketAddress address) {
        bound = address;
    }

    /**
     * Has {@link #choose} take the listeners in turn where the kernel was to spread the
     * connections: it has one queue for all. Called as the port is bound.
     */
    public void spreadInTurn() {
        inTurn = true;
    }

    /** The options of the first listener. */
    public ListenOptions options() {
        return options;
    }

    /** The calling shard's listener, which {@code opener} makes. */
    L open(int shard, ListenOptions own, Opener<L> opener) throws IOException {
        if (own.distribution().policy() != options.distribution().policy()
                || own.distribution().shard() != options.distribution().shard()) {
            throw new IllegalArgumentException(
                    "distribution="
                            + own.distribution()
                            + " on shard "
                            + shard
                            + ", but another shard listens on "
                            + Addresses.format(requested)
                            + " with "
                            + options.distribution());
        }
        L listener = opener.open(this);
        joined[shard] = true;
        hasBegun = true;
        listeners.set(shard, listener);
        listening.incrementAndGet();
        return listener;
    }

    /** The listener that a connection from {@code client} goes to; {@code acceptor} by default. */
    public L choose(L acceptor, InetSocketAddress client) {
        return choose(acceptor, client.getPort());
    }

    /** As the other, by the port of the client. */
    public L choose(L acceptor, int clientPort) {
        Distribution distribution = options.distribution();
        L chosen =
                switch (distribution.policy()) {
                    case KERNEL -> inTurn ? next() : acceptor;
                    case FIXED_SHARD -> listeners.get(distribution.shard());
                    case CLIENT_PORT -> listeners.get(clientPort % listeners.length());
                    case LEAST_CONNECTIONS -> leastConnections();
                };
        return chosen == null ? acceptor : chosen;
    }

    /** Any listener that there is, or null. */
    public L any() {
        for (int i = 0; i < listeners.length(); i++) {
            L listener = listeners.get(i);
            if (listener != null) {
                return listener;
            }
        }
        return null;
    }

    /** Counts a connection that is sent to {@code shard}. From any shard that is listening. */
    public void handOverBegins(int shard) {
        underWay.incrementAndGet(shard * STRIDE);
    }

    /** The connection has arrived; on {@code shard}. */
    public void handOverEnds(int shard) {
        underWay.decrementAndGet(shard * STRIDE);
    }

    /** Called by each listener once, when it has handed over its last; the others look again. */
    public void stoppedListening() {
        listening.decrementAndGet();
        for (int i = 0; i < listeners.length(); i++) {
            L listener = listeners.get(i);
            if (listener != null) {
                listener.lookAgain();
            }
        }
    }

    /**
     * Whether a connection may still come to {@code shard} from another. In this order: a listener
     * counts what it sends before it stops listening.
     */
    public boolean mayHandOver(int shard) {
        return (inTurn || options.distribution().policy() != Distribution.Policy.KERNEL)
                && (listening.get() > 0 || underWay.get(shard * STRIDE) > 0);
    }

    /** Counts a connection in, when its shard has been chosen. From any shard. */
    public void connectionOpened(int shard) {
        connections.incrementAndGet(shard * STRIDE);
    }

    /** Counts a connection out. From any shard. */
    public void connectionClosed(int shard) {
        connections.decrementAndGet(shard * STRIDE);
    }

    /** The shard's listener, or null. */
    public L member(int shard) {
        return listeners.get(shard);
    }

    /** Whether there were listeners, and all have closed. */
    public boolean isOver() {
        return hasBegun && isEmpty();
    }

    /** Open connections of the shard's listener. */
    public int connections(int shard) {
        return connections.get(shard * STRIDE);
    }

    public void closed(int shard) {
        listeners.set(shard, null);
        if (isEmpty()) {
            groups.remove(this);
        }
    }

    private L next() {
        int start = turn.getAndIncrement() & Integer.MAX_VALUE;
        for (int i = 0; i < listeners.length(); i++) {
            L listener = listeners.get((start + i) % listeners.length());
            if (listener != null) {
                return listener;
            }
        }
        return null;
    }

    private L leastConnections() {
        L least = null;
        int leastCount = Integer.MAX_VALUE;
        for (int i = 0; i < listeners.length(); i++) {
            L listener = listeners.get(i);
            int count = connections(i);
            if (listener != null && count < leastCount) {
                least = listener;
                leastCount = count;
            }
        }
        return least;
    }
}
