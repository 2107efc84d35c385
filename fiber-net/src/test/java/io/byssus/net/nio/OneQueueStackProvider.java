package io.byssus.net.nio;

import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.NetworkStackProvider;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;

/**
 * {@code --network-stack one-queue}, for tests: the portable stack as it is on systems whose kernel
 * does not spread connections.
 */
public final class OneQueueStackProvider implements NetworkStackProvider {
    /** For the service loader. */
    public OneQueueStackProvider() {}

    @Override
    public String name() {
        return "one-queue";
    }

    @Override
    public void prepare(RuntimeOptions options, int shards) {
        options.reactorBackend(NioBackendProvider.NAME);
    }

    @Override
    public NetworkStack create(Shard shard) {
        NioBackend backend = (NioBackend) shard.reactor().backend();
        return new NioStack(shard, backend, NioStack.Spreading.IN_TURN);
    }
}
