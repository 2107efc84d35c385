package io.byssus.runtime.fiber;

import java.util.concurrent.CancellationException;

/**
 * Thrown by every parked operation of a fiber that is stopped: by {@link Fiber#cancel}, by
 * interrupting its thread, or by a {@link Deadline} or {@link AbortSource} under which it runs. The
 * interrupt status is cleared, and whatever the fiber waited for is as it was: a connection can
 * still be written to, a buffer is still owned by its holder.
 *
 * <p>It is on its way to whoever began what is stopped, so code in between cleans up and lets it
 * pass. It is unchecked on purpose, so that a handler's {@code catch (IOException e)} does not
 * swallow it. A fiber that ends with it has been cancelled, which is not a failure. A deadline or
 * abort source turns its own into {@link DeadlineExceededException} or {@link AbortedException},
 * which are none of these, so that to handle one's own time limit never swallows another's.
 */
public class FiberCancelledException extends CancellationException {
    private static final long serialVersionUID = 1L;

    /** The scope that was stopped; null when it is the whole fiber. */
    private final transient CancelScope origin;

    public FiberCancelledException(String message) {
        this(message, null);
    }

    FiberCancelledException(String message, CancelScope origin) {
        super(message);
        this.origin = origin;
    }

    CancelScope origin() {
        return origin;
    }
}
