package io.byssus.stack.tcp;

/**
 * The standard congestion control (RFC 5681): the window grows by one segment a round trip and is
 * halved by a loss. Acknowledged bytes are counted, not acknowledgments (RFC 3465).
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard.
 */
final class Reno extends LossBased {
    /** Acknowledged since the window grew last (bytes_acked of RFC 3465, 2.1). */
    private int bytesAcknowledged;

    Reno(int segmentBytes) {
        super(segmentBytes);
    }

    @Override
    int lessened(int bytes) {
        return bytes / 2;
    }

    @Override
    void avoid(long now, int bytes) {
        // At most a window of them, lest one acknowledgment makes the window grow twice.
        int window = window();
        bytesAcknowledged += Math.min(bytes, window);
        if (bytesAcknowledged >= window) {
            bytesAcknowledged -= window;
            grow(segmentBytes());
        }
    }

    @Override
    void onReduced(int before) {
        bytesAcknowledged = 0;
    }

    @Override
    void onCollapsed(int before) {
        bytesAcknowledged = 0;
    }

    @Override
    void onRestart() {
        bytesAcknowledged = 0;
    }
}
