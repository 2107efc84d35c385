package io.byssus.runtime.sync;

/**
 * What was asked for will never be there, because somebody said why: a semaphore was broken, a
 * queue or pipe aborted, a promise failed. That reason is {@link #getCause}; it may be shared by
 * many of these.
 */
public final class BrokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenException(String what, Throwable cause) {
        super(what + ": " + cause, cause);
    }
}
