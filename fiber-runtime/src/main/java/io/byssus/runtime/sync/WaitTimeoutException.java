package io.byssus.runtime.sync;

/**
 * The time for an operation of this package was up. It has taken nothing, and what it waited for is
 * as usable as before.
 */
public final class WaitTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WaitTimeoutException(String message) {
        super(message);
    }
}
