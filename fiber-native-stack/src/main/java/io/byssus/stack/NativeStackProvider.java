package io.byssus.stack;

import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.NetworkStackProvider;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.os.HostSystem;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.tcp.TcpLimits;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/** {@code --network-stack native}. */
public final class NativeStackProvider implements NetworkStackProvider {
    private static final int MEMORY_PARTS = 4;
    private static final int MEMORY_PARTS_OF_CONNECTIONS = 3;

    private NativeOptions options;
    private Devices devices;
    private SharedState shared;

    /** For the service loader. */
    public NativeStackProvider() {}

    @Override
    public String name() {
        return "native";
    }

    @Override
    public void prepare(RuntimeOptions runtime, int shards) {
        if (!HostSystem.isLinux()) {
            throw new UnsupportedOperationException(
                    "--network-stack native needs Linux; this is " + HostSystem.name());
        }
        if (runtime.reactorBackend().equals(RuntimeOptions.BEST_BACKEND)) {
            runtime.reactorBackend(NativeBackendProvider.NAME);
        } else if (!runtime.reactorBackend().equals(NativeBackendProvider.NAME)) {
            throw new IllegalArgumentException(
                    "--reactor-backend "
                            + runtime.reactorBackend()
                            + ": --network-stack native has a backend of its own");
        }
        options = NativeOptions.of(runtime.device());
        devices = Devices.open(options, shards);
        shared = new SharedState(shards, new SecureRandom());
    }

    @Override
    public void abandon() {
        if (devices != null) {
            devices.close();
        }
    }

    @Override
    public NetworkStack create(Shard shard) {
        LinkDevice device = devices.of(shard.id(), shard.buffers(), shard.reactor().clock());
        if (shard.id() == 0 && !devices.warning().isEmpty()) {
            ShardLog.warning(devices.warning());
        }
        return over(
                device, options.configuration(device.mtu(), device.macAddress()), shard, shared);
    }

    /** Connections get so much of the shard's buffer memory that some is left for its fibers. */
    private static TcpLimits limits(long bufferBytes) {
        long share = bufferBytes / MEMORY_PARTS * MEMORY_PARTS_OF_CONNECTIONS;
        return TcpLimits.DEFAULTS.withMemory(Math.min(share, TcpLimits.DEFAULTS.memoryBytesMax()));
    }

    /** The stack of a shard, and its reactor's, over a device of its own. */
    static NativeStack over(
            LinkDevice device, Ipv4Configuration configuration, Shard shard, SharedState shared) {
        Reactor reactor = shard.reactor();
        NativeBackend backend = (NativeBackend) reactor.backend();
        RandomGenerator random = new SecureRandom();
        Steering steering = new Steering(shard.id(), shared);
        Host host =
                new Host(
                        reactor.clock().nanoTime(),
                        configuration,
                        limits(shard.buffers().limits().usableBytes()),
                        device,
                        shard.buffers(),
                        random,
                        steering);
        shared.hosts().set(shard.id(), host);
        shared.rings().join(reactor);
        backend.attach(host, reactor.clock());
        return new NativeStack(shard, shared, steering, host, backend);
    }
}
