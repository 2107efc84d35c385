package io.byssus.stack.tcp;

/**
 * The pairs of endpoints that this shard's TCP knows: those of connections, those of records in
 * TIME-WAIT, and those of both, while a record is being reopened. The host hears when a flow begins
 * to be known and when it no longer is, so that other shards pass its segments on for exactly as
 * long.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class KnownFlows implements TimeWaitTable.Watcher {
    /** What became of a connection that was to be entered. */
    enum Entry {
        ENTERED,
        /** There are as many connections as may be. */
        NO_ROOM,
        /** The flow is another shard's. */
        ELSEWHERE
    }

    private final TcpHost host;
    private final FlowTable<TcpConnection> connections;
    private final TimeWaitTable timeWait;
    private final FlowFields gone = new FlowFields();

    KnownFlows(TcpHost host, FlowTable<TcpConnection> connections, TimeWaitTable timeWait) {
        this.host = host;
        this.connections = connections;
        this.timeWait = timeWait;
        timeWait.watcher(this);
    }

    boolean knows(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        return connections.find(localHigh, localLow, remoteHigh, remoteLow, ports) != null
                || timeWait.find(localHigh, localLow, remoteHigh, remoteLow, ports)
                        != TimeWaitTable.NONE;
    }

    Entry enter(TcpConnection connection) {
        if (!host.begins(connection)) {
            return Entry.ELSEWHERE;
        }
        if (!connections.put(connection)) {
            ifForgotten(connection);
            return Entry.NO_ROOM;
        }
        return Entry.ENTERED;
    }

    /** The connection has ended; false if it was not here. */
    boolean leave(TcpConnection connection) {
        boolean wasHere = connections.remove(connection);
        if (wasHere) {
            ifForgotten(connection);
        }
        return wasHere;
    }

    /** A connection that may have reopened a record is established: that is over. */
    void established(TcpConnection connection) {
        int record = record(connection);
        if (record != TimeWaitTable.NONE) {
            timeWait.remove(record);
        }
    }

    /** A record has gone, while a connection may be reopening it. */
    @Override
    public void onGone(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        if (connections.find(localHigh, localLow, remoteHigh, remoteLow, ports) == null) {
            gone.addresses(localHigh, localLow, remoteHigh, remoteLow);
            gone.ports = ports;
            host.ended(gone);
        }
    }

    private void ifForgotten(TcpConnection connection) {
        if (record(connection) == TimeWaitTable.NONE) {
            host.ended(connection);
        }
    }

    private int record(TcpConnection connection) {
        return timeWait.find(
                connection.localHigh(),
                connection.localLow(),
                connection.remoteHigh(),
                connection.remoteLow(),
                connection.ports());
    }
}
