package io.byssus.stack.tcp;

import io.byssus.stack.ip.IpAddress;

/**
 * Finds the local port of a connection that is opened from here (RFC 6056): one whose segments come
 * to this shard, and that nothing else uses towards the same peer.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class ActiveOpen {
    private static final int NONE = -1;

    private final TcpStack stack;
    private final PortSelector selector;

    ActiveOpen(TcpStack stack, PortSelector selector) {
        this.stack = stack;
        this.selector = selector;
    }

    /** The port that was {@code asked} for, or any for 0; -1 if there is none. */
    int port(IpAddress local, int asked, IpAddress remote, int remotePort) {
        if (asked == 0) {
            return select(local, remote, remotePort);
        }
        return isFree(local, remote, Flow.ports(asked, remotePort)) ? asked : NONE;
    }

    private int select(IpAddress local, IpAddress remote, int remotePort) {
        return selector.select(
                local.high(),
                local.low(),
                remote.high(),
                remote.low(),
                remotePort,
                new PortSelector.Candidates() {
                    @Override
                    public boolean hashesHome(int port) {
                        return stack.host().hashesHome(local, remote, Flow.ports(port, remotePort));
                    }

                    @Override
                    public boolean isFree(int port) {
                        return ActiveOpen.this.isFree(local, remote, Flow.ports(port, remotePort))
                                && !stack.isListening(local, port);
                    }
                });
    }

    private boolean isFree(IpAddress local, IpAddress remote, int ports) {
        return !stack.knows(local.high(), local.low(), remote.high(), remote.low(), ports);
    }
}
