package io.byssus.net.nio;

import io.byssus.runtime.os.HostSystem;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.reactor.ReactorBackendProvider;

/** {@code --reactor-backend nio}. */
public final class NioBackendProvider implements ReactorBackendProvider {
    /** As on the command line. */
    public static final String NAME = "nio";

    /** For the service loader. */
    public NioBackendProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean isGeneral() {
        return !HostSystem.isLinux();
    }

    @Override
    public ReactorBackend create() {
        return new NioBackend();
    }
}
