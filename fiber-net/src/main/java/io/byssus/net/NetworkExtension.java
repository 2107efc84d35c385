package io.byssus.net;

import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.NetworkStackProvider;
import io.byssus.runtime.reactor.ShardLocal;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.ShardExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Gives every shard the network stack that {@code --network-stack} names.
 *
 * <p><b>Ownership:</b> each stack is confined to its shard.
 */
public final class NetworkExtension implements ShardExtension {
    private static final ShardLocal<NetworkStack> STACK =
            new ShardLocal<>(reactor -> {
                throw new IllegalStateException("shard " + reactor.shard() + " has no network");
            });

    private NetworkStackProvider provider;

    /** For the service loader. */
    public NetworkExtension() {}

    /** The calling fiber's stack. */
    static NetworkStack stack() {
        return STACK.get();
    }

    @Override
    public void check(RuntimeOptions options, int shards) {
        List<String> known = new ArrayList<>();
        for (NetworkStackProvider candidate : ServiceLoader.load(NetworkStackProvider.class)) {
            if (candidate.name().equals(options.networkStack())) {
                provider = candidate;
                provider.prepare(options, shards);
                return;
            }
            known.add(candidate.name());
        }
        throw new IllegalArgumentException(
                "--network-stack "
                        + options.networkStack()
                        + ": expected "
                        + String.join(" or ", known));
    }

    @Override
    public void abandon() {
        if (provider != null) {
            provider.abandon();
        }
    }

    @Override
    public void start(Shard shard) {
        STACK.set(shard.reactor(), provider.create(shard));
        HotClasses.load();
    }

    @Override
    public void disconnect(Shard shard) {
        STACK.get(shard.reactor()).disconnect();
    }

    @Override
    public void stop(Shard shard) {
        STACK.get(shard.reactor()).close();
    }
}
