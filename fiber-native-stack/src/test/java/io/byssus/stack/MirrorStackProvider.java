package io.byssus.stack;

import io.byssus.net.spi.NetworkStack;
import io.byssus.net.spi.NetworkStackProvider;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.stack.device.Faults;
import io.byssus.stack.device.FaultyDevice;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * {@code --network-stack mirror}, for tests: the native stack on a {@link MirrorWire}. With {@code
 * --device lossy} the wire loses, doubles and reorders; with {@code storm} there is an {@link
 * ArpStorm} on it.
 */
public final class MirrorStackProvider implements NetworkStackProvider {
    public static final String NAME = "mirror";
    public static final String LOSSY = "lossy";
    public static final String STORM = "storm";
    public static final String HOST = "198.18.0.1"; // RFC 2544: for tests of devices
    public static final String MIRROR = "198.18.0.2";

    private static final Faults FAULTS =
            Faults.NONE
                    .withDelay(Duration.ofNanos(100_000))
                    .withLoss(0.01)
                    .withDuplication(0.01)
                    .withReordering(0.05, Duration.ofMillis(1));

    private SharedState shared;
    private MirrorWire wire;
    private SplittableRandom random;
    private String kind;

    /** For the service loader. */
    public MirrorStackProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void prepare(RuntimeOptions runtime, int shards) {
        runtime.reactorBackend(NativeBackendProvider.NAME);
        random = new SplittableRandom(Seeds.next("MirrorStackProvider"));
        shared = new SharedState(shards, random.split());
        wire = new MirrorWire(Ipv4Address.parse(MIRROR), shards);
        kind = runtime.device().device();
    }

    @Override
    public synchronized NetworkStack create(Shard shard) {
        LinkDevice end = wire.end(shard.reactor(), shard.buffers());
        LinkDevice device =
                switch (kind) {
                    case LOSSY -> lossy(end, shard);
                    case STORM -> new ArpStorm(end, shard.buffers(), MIRROR, HOST);
                    default -> end;
                };
        Ipv4Configuration configuration =
                new Ipv4Configuration(
                        List.of(Ipv4Subnet.parse(HOST, "255.255.255.0")),
                        Ipv4Configuration.NO_GATEWAY,
                        device.mtu(),
                        device.macAddress());
        return NativeStackProvider.over(device, configuration, shard, shared);
    }

    /** All pass the way out of some shard, so there is nothing to do on the way in. */
    private LinkDevice lossy(LinkDevice end, Shard shard) {
        return new SparingResets(
                new FaultyDevice(end, shard.reactor().clock(), FAULTS, Faults.NONE, random.split()),
                end);
    }
}
