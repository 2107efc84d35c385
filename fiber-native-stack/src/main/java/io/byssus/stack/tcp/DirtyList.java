package io.byssus.stack.tcp;

/**
 * The connections that may have something to send, first come, first served, each at most once; a
 * list through the connections themselves.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class DirtyList {
    private TcpConnection first;
    private TcpConnection last;

    DirtyList() {}

    boolean isEmpty() {
        return first == null;
    }

    /** Adds {@code connection}, if it is not there. */
    void add(TcpConnection connection) {
        if (connection.dirty) {
            return;
        }
        connection.dirty = true;
        if (last == null) {
            first = connection;
        } else {
            last.nextDirty = connection;
        }
        last = connection;
    }

    /** Takes the first one out; the list is not empty. */
    TcpConnection poll() {
        TcpConnection connection = first;
        first = connection.nextDirty;
        if (first == null) {
            last = null;
        }
        connection.nextDirty = null;
        connection.dirty = false;
        return connection;
    }
}
