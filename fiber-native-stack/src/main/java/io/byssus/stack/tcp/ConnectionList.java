package io.byssus.stack.tcp;

/**
 * Connections in some order, any of which can leave at once: a list through places that the
 * connections keep for it.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class ConnectionList {
    /** Of one connection in one list; made when it is first needed, and kept for a while. */
    static class Place {
        final TcpConnection connection;
        private Place before;
        private Place behind;
        private boolean taken;

        Place(TcpConnection connection) {
            this.connection = connection;
        }

        /** Whether the connection is in the list. */
        boolean isTaken() {
            return taken;
        }
    }

    private Place first;
    private Place last;

    ConnectionList() {}

    boolean isEmpty() {
        return first == null;
    }

    /** The first one; there must be one. */
    TcpConnection first() {
        return first.connection;
    }

    void addFirst(Place place) {
        assert !place.taken;
        place.taken = true;
        place.behind = first;
        if (first == null) {
            last = place;
        } else {
            first.before = place;
        }
        first = place;
    }

    void addLast(Place place) {
        assert !place.taken;
        place.taken = true;
        place.before = last;
        if (last == null) {
            first = place;
        } else {
            last.behind = place;
        }
        last = place;
    }

    /** Takes a connection out, if it is there. */
    void remove(Place place) {
        if (!place.taken) {
            return;
        }
        if (place.before == null) {
            first = place.behind;
        } else {
            place.before.behind = place.behind;
        }
        if (place.behind == null) {
            last = place.before;
        } else {
            place.behind.before = place.before;
        }
        place.before = null;
        place.behind = null;
        place.taken = false;
    }
}
