package io.byssus.net.tls;

import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/**
 * Where a connection has its engine from, ready for the handshake.
 *
 * <p><b>Ownership:</b> any thread.
 */
interface EngineSource {
    /** Who is who in the handshake. */
    enum Role {
        /** Speaks first. */
        CLIENT,
        SERVER,
        /** A server that asks clients for certificates. */
        ASKING_SERVER
    }

    Role role();

    /** A new one. Computes, and may block. */
    SSLEngine open();

    /** Gives back what {@code engine} holds outside the heap; nobody uses it any more. */
    void release(SSLEngine engine);

    /** One that is made by {@code engines} and given the last touch by {@code configured}. */
    static EngineSource of(Role role, Engines engines, Supplier<SSLEngine> configured) {
        return new EngineSource() {
            @Override
            public Role role() {
                return role;
            }

            @Override
            public SSLEngine open() {
                return configured.get();
            }

            @Override
            public void release(SSLEngine engine) {
                engines.release(engine);
            }
        };
    }
}
