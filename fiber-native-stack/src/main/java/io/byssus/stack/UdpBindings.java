package io.byssus.stack;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Which shards of a runtime have UDP sockets on which local ends. Whichever shard gets a datagram
 * looks here for its owner: of the ends that fit, one that is connected to the sender, else one
 * with just this address, else one with all.
 *
 * <p>A hash table of chains that never change: who binds or releases puts another chain in the
 * place of the old one, so looking up neither waits nor allocates.
 *
 * <p><b>Ownership:</b> any shard; changes come under the object's lock, from fibers only.
 */
final class UdpBindings {
    /** The local address that means all. */
    static final int ANY = 0;

    private static final int CHAINS = 1024;
    private static final int EPHEMERAL_FIRST = 32_768;
    private static final int EPHEMERAL_COUNT = 28_232;
    private static final Binding[] NONE = {};

    private final AtomicReferenceArray<Binding[]> chains = new AtomicReferenceArray<>(CHAINS);

    /** Where the search for a free port goes on. */
    private int next;

    /** A local end, and for a connected socket the remote one. IPv4, 0 where there is none. */
    static final class Binding {
        final int local;
        final int port;
        final int remote;
        final int remotePort;

        /** In their order; empty when it is over. */
        private volatile int[] shards;

        private Binding(int local, int port, int remote, int remotePort, int shard) {
            this.local = local;
            this.port = port;
            this.remote = remote;
            this.remotePort = remotePort;
            this.shards = new int[] {shard};
        }

        /** The shards that have a socket there; not to be changed. */
        int[] shards() {
            return shards;
        }

        boolean isConnected() {
            return remotePort != 0;
        }

        private boolean accepts(int local, int remote, int remotePort) {
            return (this.local == ANY || this.local == local)
                    && (!isConnected() || (this.remote == remote && this.remotePort == remotePort));
        }

        /** The most exact is the best. */
        private int rank() {
            return (isConnected() ? 2 : 0) + (local == ANY ? 0 : 1);
        }
    }

    UdpBindings(int start) {
        next = Math.floorMod(start, EPHEMERAL_COUNT);
        for (int i = 0; i < CHAINS; i++) {
            chains.set(i, NONE);
        }
    }

    /** What a datagram is for, or null. */
    Binding find(int local, int port, int remote, int remotePort) {
        Binding best = null;
        for (Binding binding : chains.getAcquire(port % CHAINS)) {
            if (binding.port == port
                    && binding.accepts(local, remote, remotePort)
                    && (best == null || binding.rank() > best.rank())) {
                best = binding;
            }
        }
        return best;
    }

    /**
     * Binds {@code shard}; others may join it by the port's number.
     *
     * @param port 0 for one that nobody has
     * @return null if another address has the port, or this shard has a socket there
     */
    synchronized Binding bind(int shard, int local, int port) {
        if (port == 0) {
            int free = freePort();
            return free < 0 ? null : add(new Binding(local, free, 0, 0, shard));
        }
        for (Binding binding : chains.get(port % CHAINS)) {
            boolean isSame = binding.local == local && !binding.isConnected();
            if (binding.port == port && isSame && indexOf(shard, binding.shards) < 0) {
                int[] more = Arrays.copyOf(binding.shards, binding.shards.length + 1);
                more[more.length - 1] = shard;
                Arrays.sort(more);
                binding.shards = more;
                return binding;
            }
            if (binding.port == port
                    && (binding.local == local || binding.local == ANY || local == ANY)) {
                return null;
            }
        }
        return add(new Binding(local, port, 0, 0, shard));
    }

    /** Connects a socket of {@code shard} from a port that nobody has; null if there is none. */
    synchronized Binding connect(int shard, int local, int remote, int remotePort) {
        int port = freePort();
        return port < 0 ? null : add(new Binding(local, port, remote, remotePort, shard));
    }

    /** The shard's socket is closed. */
    synchronized void release(int shard, Binding binding) {
        int at = indexOf(shard, binding.shards);
        int[] fewer = new int[binding.shards.length - 1];
        System.arraycopy(binding.shards, 0, fewer, 0, at);
        System.arraycopy(binding.shards, at + 1, fewer, at, fewer.length - at);
        binding.shards = fewer;
        if (fewer.length == 0) {
            int chain = binding.port % CHAINS;
            chains.setRelease(
                    chain,
                    Arrays.stream(chains.get(chain))
                            .filter(other -> other != binding)
                            .toArray(Binding[]::new));
        }
    }

    private Binding add(Binding binding) {
        int chain = binding.port % CHAINS;
        Binding[] old = chains.get(chain);
        Binding[] more = Arrays.copyOf(old, old.length + 1);
        more[old.length] = binding;
        chains.setRelease(chain, more);
        return binding;
    }

    private int freePort() {
        for (int i = 0; i < EPHEMERAL_COUNT; i++) {
            int port = EPHEMERAL_FIRST + next;
            next = (next + 1) % EPHEMERAL_COUNT;
            if (Arrays.stream(chains.get(port % CHAINS)).noneMatch(b -> b.port == port)) {
                return port;
            }
        }
        return -1;
    }

    private static int indexOf(int shard, int[] shards) {
        return Arrays.binarySearch(shards, shard);
    }
}
