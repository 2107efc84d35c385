package io.byssus.net.tls;

import java.lang.invoke.MethodHandles;
import java.util.List;
import javax.net.ssl.SSLEngineResult;

/**
 * What a shard needs for a connection over TLS: initialised where a server or a client is made,
 * since initialisation pins a fiber and stops its shard. What computes handshakes is loaded on the
 * {@link HandshakePool}, where the first one finds it.
 */
final class HotClasses {
    private static final List<Class<?>> CLASSES =
            List.of(
                    Handshake.class,
                    HandshakePool.class,
                    HandshakeSteps.class,
                    RecordInput.class,
                    RecordOutput.class,
                    Records.class,
                    SSLEngineResult.class,
                    SSLEngineResult.HandshakeStatus.class,
                    SSLEngineResult.Status.class,
                    Tls.class,
                    TlsException.class,
                    TlsHandshakeException.class,
                    TlsInfo.class,
                    TlsSocket.class,
                    TlsVersion.class);

    private HotClasses() {}

    static void load() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        for (Class<?> hot : CLASSES) {
            try {
                lookup.ensureInitialized(hot);
            } catch (IllegalAccessException e) {
                throw new AssertionError("a class that this module may see", e);
            }
        }
    }
}
