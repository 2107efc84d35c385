package io.byssus.stack.tcp;

import io.byssus.stack.ip.IpAddress;

/**
 * What TCP asks of the layers below it.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public interface TcpHost {
    /** The headers of IPv4 and TCP without options. */
    int HEADER_BYTES = 40;

    /** The largest packet that this end can receive, in bytes. */
    int mtu();

    /** The largest packet that is known to reach {@code remote}. */
    int pathMtu(IpAddress remote);

    /**
     * When that may be more again, so that larger packets should be tried; {@link Long#MAX_VALUE}
     * if it is all that our link takes.
     */
    long pathMtuRaisesAt(IpAddress remote);

    /**
     * Nothing large seems to reach {@code remote}: from now on a smaller packet is tried.
     *
     * @return false if the path's packets are small already
     */
    boolean suspectPathMtu(IpAddress remote);

    /** Whether the segments of such a connection come to this shard. */
    boolean hashesHome(IpAddress local, IpAddress remote, int ports);

    /**
     * This stack is about to know a flow: its segments come here from now on, until it has {@link
     * #ended}. It may know it already, in TIME-WAIT.
     *
     * @return false if another shard has the flow, or if there is no room to remember whose it is
     */
    boolean begins(Flow flow);

    /** This stack knows a flow no more: neither as a connection nor in TIME-WAIT. */
    void ended(Flow flow);

    /** What the shards of this host agree on. */
    HostSecrets secrets();
}
