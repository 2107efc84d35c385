package io.byssus.runtime.fiber;

/**
 * What a task has thrown, to be thrown again where its caller is. Public for the runtime's own
 * packages.
 */
public final class Thrown {
    private Thrown() {}

    /**
     * {@code failure} as an exception, to be thrown. Tasks throw nothing but exceptions and errors.
     *
     * @throws Error if it is one
     */
    public static Exception exception(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return (Exception) failure;
    }
}
