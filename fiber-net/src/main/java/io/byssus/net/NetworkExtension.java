package io.byssus.net;

import io.byssus.net.spi.NameService;
import io.byssus.net.spi.NameServiceProvider;
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

    private static final ShardLocal<NameService> NAMES =
            new ShardLocal<>(reactor -> {
                throw new IllegalStateException("shard " + reactor.shard() + " has no network");
            });

    private NetworkStackProvider provider;
    private NameServiceProvider nameProvider;

    /** For the service loader. */
    public NetworkExtension() {}

    /** The calling fiber's stack. */
    static NetworkStack stack() {
        return STACK.get();
    }

    /** The calling fiber's. */
    static NameService names() {
        return NAMES.get();
    }

    @Override
    public void check(RuntimeOptions options, int shards) {
        nameProvider = ServiceLoader.load(NameServiceProvider.class).findFirst().orElseThrow();
        nameProvider.prepare(options);
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
        NetworkStack stack = provider.create(shard);
        STACK.set(shard.reactor(), stack);
        NAMES.set(shard.reactor(), nameProvider.create(shard, stack));
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
