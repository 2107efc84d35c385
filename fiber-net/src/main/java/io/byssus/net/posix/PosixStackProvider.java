package io.byssus.net.posix;

import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.NetworkStackProvider;
import io.byssus.runtime.log.ShardLog;
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
        String backend = options.reactorBackend();
        if (!backend.equals(RuntimeOptions.BEST_BACKEND)
                && !backend.equals(EpollBackendProvider.NAME)
                && !backend.equals(UringBackendProvider.NAME)) {
            throw new IllegalArgumentException(
                    "--reactor-backend "
                            + backend
                            + ": expected epoll or io_uring, as --network-stack is posix");
        }
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
                options.reactorBackend(EpollBackendProvider.NAME);
            }
        }
    }

    @Override
    public NetworkStack create(Shard shard) {
        if (shard.reactor().backend() instanceof ReadinessBackend backend) {
            HotClasses.load();
            backend.loadClasses();
            return new PosixStack(shard, backend);
        }
        throw new UnsupportedOperationException(
                "--network-stack posix needs --reactor-backend epoll or io_uring");
    }
}
