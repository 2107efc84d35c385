package io.byssus.runtime.sync;

/**
 * An operation on something that has been closed in good order: to enter a gate, to put into a
 * queue, to take from one that is closed and empty, to write when the reader has gone.
 */
public final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClosedException(String message) {
        super(message);
    }
}
