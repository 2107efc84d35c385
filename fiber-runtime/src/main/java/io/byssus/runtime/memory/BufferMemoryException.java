package io.byssus.runtime.memory;

/**
 * A shard's buffer memory is used up, and none came back in time. Whoever asked for it got nothing,
 * and what it had before is as it was.
 *
 * <p>The message says who holds how much. Usual causes: peers that read too slowly and writers
 * without a time-out; fibers that hold one buffer while they wait for another, all of them; too
 * little {@code --buffer-memory} for so many connections.
 */
public final class BufferMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long wantedBytes;
    private final long liveBytes;

    BufferMemoryException(String message, long wantedBytes, long liveBytes) {
        super(message);
        this.wantedBytes = wantedBytes;
        this.liveBytes = liveBytes;
    }

    /** Bytes that were asked for. */
    public long wantedBytes() {
        return wantedBytes;
    }

    /** Bytes that were in use. */
    public long liveBytes() {
        return liveBytes;
    }
}
