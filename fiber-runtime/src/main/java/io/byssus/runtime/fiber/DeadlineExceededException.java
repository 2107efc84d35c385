package io.byssus.runtime.fiber;

/**
 * Thrown by {@link Deadline#call} and its kin, and by {@link Scope#join}: the time was over before
 * the work was done, and the work was stopped. Its cause, if it has one, says where.
 *
 * <p>It is a failure like a socket's timeout and not a {@link FiberCancelledException}: a fiber
 * that ends with it has failed, and is logged if nobody joins it.
 */
public final class DeadlineExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Deadline deadline;

    DeadlineExceededException(String message, Deadline deadline, Throwable cause) {
        super(message, cause);
        this.deadline = deadline;
    }

    /** The deadline that has passed; null after serialisation. */
    public Deadline deadline() {
        return deadline;
    }
}
