package io.byssus.runtime.fiber;

import java.util.concurrent.CancellationException;

/**
 * Thrown by every parked operation of a fiber that is cancelled, by {@link Fiber#cancel} or by
 * interrupting its thread. The interrupt status is cleared, and whatever the fiber waited for is as
 * it was: a connection can still be written to, a buffer is still owned by its holder.
 *
 * <p>It is unchecked on purpose, so that a handler's {@code catch (IOException e)} does not swallow
 * it; a fiber that ends with it has been cancelled, which is not a failure.
 */
public class FiberCancelledException extends CancellationException {
    private static final long serialVersionUID = 1L;

    public FiberCancelledException(String message) {
        super(message);
    }
}
