package io.byssus.runtime.reactor;

/**
 * Makes backends of one kind; found by {@link java.util.ServiceLoader} and chosen by {@code
 * --reactor-backend}.
 */
public interface ReactorBackendProvider {
    /** As on the command line, in lower case. */
    String name();

    /** Whether it may be chosen when nobody asks for one by name. */
    default boolean isGeneral() {
        return true;
    }

    /**
     * A backend for one shard.
     *
     * @throws UnsupportedOperationException with one sentence if this machine cannot have it
     */
    ReactorBackend create();
}
