package io.byssus.stack;

import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.reactor.ReactorBackendProvider;

/** {@code --reactor-backend native}, which {@code --network-stack native} chooses. */
public final class NativeBackendProvider implements ReactorBackendProvider {
    static final String NAME = "native";

    /** For the service loader. */
    public NativeBackendProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean isGeneral() {
        return false;
    }

    @Override
    public ReactorBackend create() {
        return new NativeBackend();
    }
}
