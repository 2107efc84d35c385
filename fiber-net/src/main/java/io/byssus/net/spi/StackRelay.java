package io.byssus.net.spi;

import io.byssus.runtime.memory.Buffer;
import java.io.IOException;

/**
 * A way from one socket to another past the program's memory: bytes are taken in, then passed on,
 * and no more are taken in before. Time limits are those of {@link StackSocket}.
 *
 * <p><b>Ownership:</b> confined to its shard; of one fiber, which closes it.
 */
public interface StackRelay extends AutoCloseable {
    /** Of {@link #take}: the stream has ended. */
    long END = 0;

    /** Of {@link #take}: not now, since what it takes for that is used up. Nothing was taken in. */
    long UNAVAILABLE = -1;

    /**
     * Takes in up to {@code count} bytes, parking until there are any. What was taken in before has
     * been passed on.
     *
     * @return how many, {@link #END} or {@link #UNAVAILABLE}
     */
    long take(long count, long timeoutNanos, long deadlineNanos) throws IOException;

    /**
     * Passes on all that was taken in, parking while the target cannot take more. If it throws,
     * {@link #rest} has what the target did not take.
     */
    void pass(long timeoutNanos, long deadlineNanos) throws IOException;

    /**
     * Some of what was taken in and not passed on, owned by the caller; {@link Buffer#EMPTY} when
     * there is no more, null if there is no memory for it. Does not park.
     */
    Buffer rest();

    /** What was not passed on is lost. Idempotent. */
    @Override
    void close();
}
