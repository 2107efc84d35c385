package io.byssus.runtime.memory;

/**
 * A fiber's place in the queue for memory.
 *
 * <p><b>Ownership:</b> confined to the pool's shard.
 */
public abstract class MemoryRequest {
    private final long bytes;

    /** Whether the bytes are set aside for it. */
    private boolean granted;

    /**
     * @param bytes that are wanted
     */
    protected MemoryRequest(long bytes) {
        this.bytes = bytes;
    }

    /** Bytes that are wanted. */
    public final long bytes() {
        return bytes;
    }

    /** Whether they have been set aside. */
    public final boolean isGranted() {
        return granted;
    }

    final void grant() {
        assert !granted;
        granted = true;
        wake();
    }

    /** Lets the waiting fiber go on: the bytes are there. Must not throw or allocate buffers. */
    protected abstract void wake();

    /** Parks the calling fiber until {@link #wake}, or the end of the time. */
    protected abstract void await(long timeoutNanos, long deadlineNanos);
}
