package io.byssus.runtime.reactor;

/**
 * Where a reactor's I/O comes from: epoll, io_uring, a native stack's devices, a simulated wire.
 *
 * <p><b>Ownership:</b> confined to the reactor's shard, except {@link #wake}.
 */
public interface ReactorBackend extends AutoCloseable {
    /** Says {@link #await} may wait without a limit. */
    long NO_TIMEOUT = Long.MAX_VALUE;

    /** For people: as on the command line, if it is chosen there. */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Handles what is ready, without waiting.
     *
     * @return how many events were handled
     */
    int poll();

    /**
     * As {@link #poll}, but waits until there is something, the time is over, or {@link #wake}.
     *
     * @param timeoutNanos positive; {@link #NO_TIMEOUT} for none
     */
    int await(long timeoutNanos);

    /** Makes the current or the next {@link #await} return. From any thread. */
    void wake();

    /** Gives back what the backend holds. After the last turn. */
    @Override
    void close();
}
