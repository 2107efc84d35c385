package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Deadline;
import java.time.Duration;

/**
 * Counts who is inside, and can be closed: then it lets nobody in any more, and waits until
 * everybody has left. For an orderly end: requests enter, and whoever takes the service down closes
 * the gate before it frees what requests use.
 *
 * <p>Entering and leaving never park. There is one {@code leave} for each {@code enter}, by
 * whichever fiber; a fiber that is inside and closes the gate waits for itself.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class Gate extends Holdable {
    private final WaitQueue closers = new WaitQueue(this);
    private int inside;
    private boolean closed;

    /** Closed, and everybody has left. */
    private boolean ended;

    /**
     * An open gate.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public Gate(String name) {
        super("gate", name);
    }

    /**
     * Goes in.
     *
     * @throws ClosedException if the gate is closed
     */
    public void enter() {
        requireShard();
        if (closed) {
            throw new ClosedException(description() + " is closed");
        }
        inside++;
    }

    /**
     * Goes out.
     *
     * @throws IllegalStateException if nobody is inside
     */
    public void leave() {
        requireShard();
        int left = inside - 1;
        if (left < 0) {
            throw new IllegalStateException(description() + ": leave without enter");
        }
        inside = left;
        if (closed && left == 0) {
            letCloserGo();
        }
    }

    private void letCloserGo() {
        if (!closers.isEmpty()) {
            ended = true;
            closers.grantAll();
        }
    }

    /** {@link #enter}, with {@link #leave} when what it answers is closed. */
    public Hold hold() {
        enter();
        return new Hold(this, 1);
    }

    /**
     * Lets nobody in any more, and parks until everybody has left. If the wait is cancelled, the
     * gate stays closed, and {@code close} may be called again to go on waiting.
     *
     * @throws IllegalStateException if it was closed before, or another fiber is closing it
     */
    public void close() {
        close(NO_LIMIT);
    }

    /**
     * As {@link #close()}, for at most {@code limit}.
     *
     * @throws WaitTimeoutException if somebody is still inside then; the gate stays closed, and
     *     {@code close} may be called again
     */
    public void close(Duration limit) {
        requireLimit(limit);
        close(deadlineNanos(limit));
    }

    /** As {@link #close(Duration)}, until {@code deadline}. */
    public void close(Deadline deadline) {
        close(deadline.nanos());
    }

    private void close(long deadlineNanos) {
        requireShard();
        if (ended || !closers.isEmpty()) {
            throw new IllegalStateException(
                    description() + (ended ? " was closed already" : " is being closed already"));
        }
        closed = true;
        if (inside > 0 && closers.await(inside, deadlineNanos) == WaitQueue.Result.TIMED_OUT) {
            throw timeout();
        }
        assert inside == 0 : "inside=" + inside;
        ended = true;
    }

    /** Whether {@link #enter} would be refused. From any thread; elsewhere it may be late. */
    public boolean isClosed() {
        return closed;
    }

    /** How many are inside. From any thread; elsewhere it may be late. */
    public int inside() {
        return inside;
    }

    @Override
    void giveBack(long units) {
        leave();
    }

    @Override
    String state() {
        return (closed ? "closed" : "open") + ", " + inside + " inside";
    }
}
