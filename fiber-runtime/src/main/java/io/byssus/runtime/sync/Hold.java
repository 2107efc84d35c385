package io.byssus.runtime.sync;

/**
 * What a fiber holds, for {@code try (var _ = mutex.hold())}: closing gives it back. Compiled code
 * allocates none of these where the {@code try} is in one place.
 *
 * <p><b>Ownership:</b> confined to its shard. One of a gate or a semaphore may be closed by another
 * fiber than the one that got it; one of a lock may not.
 */
public final class Hold implements AutoCloseable {
    private final Holdable source;
    private final long units;
    private boolean closed;

    Hold(Holdable source, long units) {
        this.source = source;
        this.units = units;
    }

    /**
     * Gives back what is held. Does not park.
     *
     * @throws IllegalStateException if it has been given back already
     */
    @Override
    public void close() {
        if (closed) {
            throw new IllegalStateException(source + ": this hold was closed already");
        }
        source.giveBack(units);
        closed = true;
    }

    @Override
    public String toString() {
        return "a hold of " + source + (closed ? ", closed" : "");
    }
}
