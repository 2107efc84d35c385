package io.byssus.stack;

import io.byssus.net.spi.ListenGroups;
import io.byssus.stack.ip.SipHash;
import java.util.random.RandomGenerator;

/**
 * What the shards of one runtime share.
 *
 * @param rings frames from one to another
 * @param owners flows that are not at home
 * @param groups the listeners of all shards
 * @param ports who listens where
 */
record SharedState(
        ForwardRings rings,
        FlowOwners owners,
        ListenGroups<NativeListener> groups,
        ListenPorts ports) {
    private static final int OWNERS_MAX = 1 << 18;

    SharedState(int shards, RandomGenerator random) {
        this(
                new ForwardRings(shards),
                new FlowOwners(new SipHash(random), OWNERS_MAX),
                new ListenGroups<>(shards),
                new ListenPorts(random.nextInt()));
    }
}
