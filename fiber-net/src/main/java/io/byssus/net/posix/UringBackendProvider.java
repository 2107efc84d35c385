package io.byssus.net.posix;

import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.reactor.ReactorBackendProvider;

/** {@code --reactor-backend io_uring}. */
public final class UringBackendProvider implements ReactorBackendProvider {
    static final String NAME = "io_uring";

    /** For the service loader. */
    public UringBackendProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    /** Only for those who ask for it: epoll is faster for much at a time. */
    @Override
    public boolean isGeneral() {
        return false;
    }

    @Override
    public ReactorBackend create() {
        return new UringBackend();
    }

    /** Why this kernel gives no such backend; empty if it does. */
    static String refusal() {
        try {
            UringBackend candidate = new UringBackend();
            try {
                candidate.probe();
            } finally {
                candidate.close();
            }
            return "";
        } catch (UnsupportedOperationException e) {
            return e.getMessage();
        }
    }
}
