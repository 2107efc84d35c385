package io.byssus.runtime.fiber;

/** Thrown by {@link Fiber#join}: the joined fiber ended in an exception, which is the cause. */
public final class FiberFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FiberFailedException(String fiber, Throwable cause) {
        super(fiber + " failed: " + cause, cause);
    }
}
