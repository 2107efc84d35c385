package io.byssus.stack;

import io.byssus.net.spi.ListenGroup;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import java.util.function.BiConsumer;

/** A listener in a {@link ShardedNetwork}: accepts what comes, at once. */
final class SimulatedListener implements ShardListener, TcpListener.User {
    private static final int BACKLOG = 1024;

    private final ShardedNetwork.Party party;
    private final ListenGroup<SimulatedListener> group;
    private final BiConsumer<ShardedNetwork.Party, TcpConnection> acceptor;
    private TcpListener tcp;

    SimulatedListener(
            ShardedNetwork.Party party,
            ListenGroup<SimulatedListener> group,
            BiConsumer<ShardedNetwork.Party, TcpConnection> acceptor) {
        this.party = party;
        this.group = group;
        this.acceptor = acceptor;
    }

    SimulatedListener listen(IpAddress address, int port, TcpSettings settings) {
        tcp = party.host.tcp().listen(address, port, BACKLOG, settings, this);
        return this;
    }

    @Override
    public int shard() {
        return party.id;
    }

    @Override
    public void lookAgain() {}

    @Override
    public void onOpened() {
        group.connectionOpened(party.id);
    }

    @Override
    public void onAcceptable() {
        party.ready(() -> {
            while (tcp.hasAcceptable()) {
                acceptor.accept(party, party.host.tcp().accept(tcp));
            }
        });
    }

    @Override
    public void onGone() {
        group.connectionClosed(party.id);
    }
}
