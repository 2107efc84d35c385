package io.byssus.net.posix;

import io.byssus.runtime.os.HostSystem;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.reactor.ReactorBackendProvider;

/** {@code --reactor-backend epoll}. */
public final class EpollBackendProvider implements ReactorBackendProvider {
    static final String NAME = "epoll";

    /** For the service loader. */
    public EpollBackendProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean isGeneral() {
        return HostSystem.isLinux();
    }

    @Override
    public ReactorBackend create() {
        return new EpollBackend();
    }
}
