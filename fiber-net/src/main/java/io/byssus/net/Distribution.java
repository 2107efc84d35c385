package io.byssus.net;

/**
 * Which shard a new connection goes to, when all shards listen on the same address. It stays there
 * to its end.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class Distribution {
    /** How a shard is chosen. */
    public enum Policy {
        KERNEL,
        LEAST_CONNECTIONS,
        CLIENT_PORT,
        FIXED_SHARD
    }

    /**
     * The kernel spreads connections over the shards' listening sockets by a hash of their
     * addresses. No hand-over, and even for many clients; the default.
     */
    public static final Distribution KERNEL = new Distribution(Policy.KERNEL, -1);

    /** The shard with the fewest open connections of this listener. Even for few, long ones. */
    public static final Distribution LEAST_CONNECTIONS =
            new Distribution(Policy.LEAST_CONNECTIONS, -1);

    /**
     * The client's port modulo the number of shards: a client that chooses its ports chooses its
     * shard.
     */
    public static final Distribution CLIENT_PORT = new Distribution(Policy.CLIENT_PORT, -1);

    private final Policy policy;
    private final int shard;

    private Distribution(Policy policy, int shard) {
        this.policy = policy;
        this.shard = shard;
    }

    /**
     * Every connection goes to shard {@code id}.
     *
     * @throws IllegalArgumentException if {@code id} is negative; a shard that does not exist is
     *     refused by {@code listen}
     */
    public static Distribution fixedShard(int id) {
        if (id < 0) {
            throw new IllegalArgumentException("shard=" + id);
        }
        return new Distribution(Policy.FIXED_SHARD, id);
    }

    public Policy policy() {
        return policy;
    }

    /** The shard of {@link Policy#FIXED_SHARD}; -1 for the others. */
    public int shard() {
        return shard;
    }

    @Override
    public String toString() {
        return policy == Policy.FIXED_SHARD ? policy + "(" + shard + ")" : policy.toString();
    }
}
