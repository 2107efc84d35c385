package io.byssus.stack;

import io.byssus.net.spi.ListenGroups;
import io.byssus.stack.ip.SipHash;
import io.byssus.stack.tcp.HostSecrets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;

/**
 * What the shards of one runtime share.
 *
 * @param hosts by shard, as soon as they are there
 * @param rings frames from one to another
 * @param owners flows that are not at home
 * @param groups the listeners of all shards
 * @param ports who listens where
 * @param secrets of TCP
 * @param datagrams who has which port of UDP
 */
record SharedState(
        AtomicReferenceArray<Host> hosts,
        ForwardRings rings,
        FlowOwners owners,
        ListenGroups<NativeListener> groups,
        ListenPorts ports,
        HostSecrets secrets,
        UdpBindings datagrams) {
    private static final int OWNERS_MAX = 1 << 18;

    SharedState(int shards, RandomGenerator random) {
        this(
                new AtomicReferenceArray<>(shards),
                new ForwardRings(shards),
                new FlowOwners(new SipHash(random), shards == 1 ? 1 : OWNERS_MAX),
                new ListenGroups<>(shards),
                new ListenPorts(random.nextInt()),
                new HostSecrets(random),
                new UdpBindings(random.nextInt()));
    }
}
