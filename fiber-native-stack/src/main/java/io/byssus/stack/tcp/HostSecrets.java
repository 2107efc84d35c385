package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;
import java.util.random.RandomGenerator;

/**
 * What the shards of a host must agree on, since a flow may meet one now and another one later: the
 * second connection between two endpoints follows the first one's sequence numbers (RFC 6528), and
 * the acknowledgment of a cookie finds a shard that knows it, and whose timestamps go on from those
 * that came with the cookie.
 *
 * <p><b>Ownership:</b> any shard.
 */
public final class HostSecrets {
    final FlowSecrets flows;
    final SynCookies cookies;

    /**
     * New ones.
     *
     * @param random unpredictable, but in a simulation
     */
    public HostSecrets(RandomGenerator random) {
        flows = new FlowSecrets(random);
        cookies = new SynCookies(new SipHash(random));
    }
}
