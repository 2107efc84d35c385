package io.byssus.net.tls;

import javax.net.ssl.SSLEngine;

/**
 * Makes a provider's engines.
 *
 * <p><b>Ownership:</b> any thread.
 */
interface Engines {
    /**
     * A new one.
     *
     * @param host whose session may be taken up again; null for a server's engine
     */
    SSLEngine open(String host, int port);

    /** Whether its engines know all options already. */
    default boolean knowsOptions() {
        return false;
    }

    /** Gives back what {@code engine} holds outside the heap; nobody uses it any more. */
    default void release(SSLEngine engine) {}
}
