package io.byssus.runtime.shard;

import io.byssus.runtime.memory.BufferLimits;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.reactor.ReactorBackendProvider;
import io.byssus.runtime.reactor.ReactorOptions;
import io.byssus.runtime.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;

/** Finds the reactor backend that was asked for among those on the class or module path. */
final class Backends {
    /** For ever; and the end can still be worked out. */
    private static final long IDLE_POLL_NANOS_MAX = TimeUnit.DAYS.toNanos(36_500);

    private Backends() {}

    static Reactor newReactor(int shard, RuntimeOptions options, BufferLimits bufferLimits) {
        long idlePollNanos =
                options.overprovisioned
                        ? 0
                        : Math.min(
                                TimeUnit.NANOSECONDS.convert(options.idlePollTime),
                                IDLE_POLL_NANOS_MAX);
        ReactorOptions reactorOptions =
                new ReactorOptions(
                        TimeUnit.NANOSECONDS.convert(options.taskQuota),
                        idlePollNanos,
                        BufferPool.Mode.ofProperty(),
                        bufferLimits);
        return new Reactor(shard, Clock.system(), create(options.reactorBackend), reactorOptions);
    }

    private static ReactorBackend create(String name) {
        List<String> known = new ArrayList<>();
        for (ReactorBackendProvider provider : ServiceLoader.load(ReactorBackendProvider.class)) {
            boolean best = name.equals(RuntimeOptions.BEST_BACKEND) && provider.isGeneral();
            if (best || name.equals(provider.name())) {
                return provider.create();
            }
            known.add(provider.name());
        }
        if (name.equals(RuntimeOptions.BEST_BACKEND)) {
            return new ParkingBackend(); // no network on the path
        }
        throw new IllegalArgumentException(
                "--reactor-backend "
                        + name
                        + ": expected "
                        + (known.isEmpty()
                                ? "none (no network is on the path)"
                                : String.join(" or ", known)));
    }
}
