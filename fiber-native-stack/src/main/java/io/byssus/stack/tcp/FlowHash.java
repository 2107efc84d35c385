package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;

/**
 * The key under which a table finds a flow. Anyone can make flows whose unkeyed hashes collide, the
 * Toeplitz hash that picks the shard included: this one has a secret.
 *
 * <p>Two IPv4 addresses are hashed as one word, which saves a quarter of the time; no other flow is
 * hashed as two words, and the number of words is part of the hash.
 */
public final class FlowHash {
    private static final long MAPPED_PREFIX = 0xffff_0000_0000L;
    private static final long IPV4_MASK = 0xffff_ffffL;

    private FlowHash() {}

    /** The hash of a flow. */
    public static int of(
            SipHash secret,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int ports) {
        long high = localHigh | remoteHigh;
        // Without their prefix, two IPv4 addresses have nothing above their 32 bits.
        long local = localLow ^ MAPPED_PREFIX;
        long remote = remoteLow ^ MAPPED_PREFIX;
        if ((high | (local & ~IPV4_MASK) | (remote & ~IPV4_MASK)) == 0) {
            return (int) secret.tableHash((local << Integer.SIZE) | remote, ports);
        }
        return (int) secret.tableHash(localHigh, localLow, remoteHigh, remoteLow, ports);
    }
}
