package io.byssus.net.posix;

import io.byssus.net.nio.NioBackend;
import io.byssus.net.nio.NioStack;
import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.NetworkStackProvider;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;

/** {@code --network-stack posix}. */
public final class PosixStackProvider implements NetworkStackProvider {
    /** For the service loader. */
    public PosixStackProvider() {}

    @Override
    public String name() {
        return "posix";
    }

    @Override
    public void prepare(RuntimeOptions options, int shards) {
        String backend = BackendChoice.of(options.reactorBackend());
        String needless = options.device().firstGiven();
        if (!needless.isEmpty()) {
            throw new IllegalArgumentException(needless + " needs --network-stack native");
        }
        if (backend.equals(UringBackendProvider.NAME)) {
            String refusal = UringBackendProvider.refusal();
            if (!refusal.isEmpty()) {
                ShardLog.warning(
                        "--reactor-backend io_uring is not to be had here, so it is epoll: "
                                + refusal);
                backend = EpollBackendProvider.NAME;
            }
        }
        String notice = BackendChoice.notice();
        if (!notice.isEmpty()) {
            ShardLog.info(notice);
        }
        options.reactorBackend(backend);
    }

    @Override
    public NetworkStack create(Shard shard) {
        ReactorBackend backend = shard.reactor().backend();
        if (backend instanceof ReadinessBackend readiness) {
            HotClasses.load();
            readiness.loadClasses();
            return new PosixStack(shard, readiness);
        }
        if (backend instanceof NioBackend nio) {
            return new NioStack(shard, nio);
        }
        throw new UnsupportedOperationException(
                "--network-stack posix needs --reactor-backend "
                        + String.join(" or ", BackendChoice.NAMES));
    }
}
