package io.byssus.runtime.shard;

import io.byssus.runtime.diagnostics.StallDetector;
import io.byssus.runtime.fiber.BlockingPool;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.os.Loom;
import io.byssus.runtime.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A running Byssus: as many shards as there are processors, each with its own carrier, memory and
 * connections.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class Shards implements AutoCloseable {
    private final List<Shard> shards;
    private final CallRing[][] rings;
    private final ForeignCalls[] foreignCalls;
    private final BlockingPool blockingPool;
    private final Shutdown shutdown;
    private final List<ShardExtension> extensions;
    private final PendingOutcomes pendingOutcomes = new PendingOutcomes();

    /** Null if it is switched off. */
    private StallDetector stallDetector;

    private final Map<Class<?>, Object> shared = new ConcurrentHashMap<>();

    private Shards(RuntimeOptions options, Placement placement, List<ShardExtension> extensions) {
        this.extensions = extensions;
        this.blockingPool = new BlockingPool(options.blockingThreads);
        this.shards = new ArrayList<>();
        this.rings = new CallRing[placement.shards()][placement.shards()];
        this.foreignCalls = new ForeignCalls[placement.shards()];
        this.shutdown = new Shutdown(this, options);
        try {
            for (int i = 0; i < placement.shards(); i++) {
                Reactor reactor = Backends.newReactor(i, options);
                shards.add(
                        new Shard(
                                this,
                                reactor,
                                placement.cpus() == null ? -1 : placement.cpus()[i]));
            }
        } catch (RuntimeException e) {
            shards.forEach(shard -> shard.reactor().close());
            throw e;
        }
        shards.forEach(this::connect);
    }

    /**
     * Starts a runtime: its shards run when this returns.
     *
     * @throws IllegalArgumentException if an option cannot be met, with a sentence that names it
     * @throws UnsupportedOperationException if this JVM or machine cannot run it, with a sentence
     *     that says what to change
     */
    public static Shards start(RuntimeOptions options) {
        Loom.requireAvailable();
        OptionCheck.check(options);
        Placement placement = Placement.of(options);
        List<ShardExtension> extensions =
                ServiceLoader.load(ShardExtension.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        boolean started = false;
        try {
            extensions.forEach(extension -> extension.check(options, placement.shards()));
            HelperThreads.start();
            Shards shards = new Shards(options, placement, extensions);
            shards.startStallDetector(options.stallThreshold);
            shards.shards.forEach(shards::start);
            started = true;
            return shards;
        } finally {
            if (!started) {
                extensions.forEach(ShardExtension::abandon);
            }
        }
    }

    /**
     * The runtime of the calling fiber.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static Shards current() {
        return Shard.current().shards();
    }

    /** Number of shards. */
    public int count() {
        return shards.size();
    }

    /**
     * One of the shards.
     *
     * @throws IndexOutOfBoundsException if there is no shard {@code id}
     */
    public Shard get(int id) {
        return shards.get(Objects.checkIndex(id, shards.size()));
    }

    /** All of them, by number. */
    public List<Shard> all() {
        return List.copyOf(shards);
    }

    /**
     * The one object of {@code type} that all shards of this runtime share, made by {@code first}
     * at the first call. For coordination on cold paths: the object must be safe from any thread.
     */
    public <T> T shared(Class<T> type, Supplier<T> first) {
        return type.cast(shared.computeIfAbsent(type, key -> first.get()));
    }

    /** Whether new work is welcome: from the start until the runtime begins to stop. */
    public boolean isReady() {
        return shutdown.isReady();
    }

    /**
     * Runs {@code body} on a fiber of each shard and waits for all of them. When one fails, the
     * others are cancelled and its exception is thrown.
     *
     * @throws Exception what the first to fail threw
     */
    public void onEach(FiberTask body) throws Exception {
        EachShard.run(this, body);
    }

    /**
     * Runs {@code call} on a fiber of shard {@code id} and waits for the result: a fiber parks, a
     * thread outside the runtime blocks. On the caller's own shard it runs at once, in the caller.
     *
     * <p>The calls that a shard has not taken yet are bounded per pair of shards; when there are
     * more, callers wait their turn.
     *
     * @return what {@code call} returned
     * @throws X what {@code call} threw
     * @throws io.byssus.runtime.fiber.FiberCancelledException if the caller is cancelled meanwhile;
     *     then the call is cancelled too
     * @throws IndexOutOfBoundsException if there is no shard {@code id}
     * @throws IllegalStateException if the runtime has stopped
     */
    public <T, X extends Exception> T submitTo(int id, ShardFunction<T, X> call) throws X {
        Reactor target = get(id).reactor();
        if (target.isCurrent()) {
            return call.call();
        }
        shutdown.requireRunning();
        try {
            return send(target, call::call);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw ShardFunction.<X>declared(e);
        }
    }

    private <T> T send(Reactor target, Callable<T> body) throws Exception {
        Reactor source = Reactor.currentOrNull();
        if (source == null || Shard.LOCAL.get(source).shards() != this) {
            return foreignCalls[target.shard()].call(body);
        }
        ShardCall<T> call = new ShardCall<>(body);
        rings[source.shard()][target.shard()].send(call);
        return call.await(target.shard());
    }

    /**
     * Starts {@code body} on a fiber of shard {@code id} and does not wait. From any thread.
     *
     * @return completed with what {@code body} returns or throws
     * @throws IndexOutOfBoundsException if there is no shard {@code id}
     * @throws IllegalStateException if the runtime has stopped
     */
    public <T> CompletableFuture<T> spawn(int id, String name, Callable<T> body) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        CompletableFuture<Fiber<?>> ignored = start(get(id).reactor(), name, body, outcome);
        assert ignored != null;
        return outcome;
    }

    /** As {@link #spawn}; answers the fiber, once it is there, for cancellation. */
    <T> CompletableFuture<Fiber<?>> start(
            Reactor reactor, String name, Callable<T> body, CompletableFuture<T> outcome) {
        pendingOutcomes.add(outcome);
        shutdown.requireRunning(); // in this order: a shutdown meanwhile fails the outcome, or us
        CompletableFuture<Fiber<?>> fiber = new CompletableFuture<>();
        Callable<Void> run =
                () -> {
                    try {
                        outcome.complete(body.call());
                    } catch (Throwable e) {
                        outcome.completeExceptionally(e);
                    }
                    return null;
                };
        reactor.execute(() -> fiber.complete(Fiber.startOn(reactor, name, run)));
        return fiber;
    }

    /**
     * Stops the runtime: listeners accept what has arrived and close, fibers have the grace period
     * to end, then they are cancelled. Bounded in time; what would not stop is logged. From any
     * thread that is not one of its fibers; later calls wait for the first.
     *
     * @throws IllegalStateException if a fiber of this runtime calls
     */
    @Override
    public void close() {
        stop();
    }

    /**
     * As {@link #close}.
     *
     * @return whether every fiber has ended
     */
    public boolean stop() {
        return shutdown.run();
    }

    private void start(Shard shard) {
        for (ShardExtension extension : extensions) {
            shard.reactor().execute(() -> extension.start(shard));
        }
        shard.carrier().start();
    }

    private void startStallDetector(Duration threshold) {
        if (threshold.isPositive()) {
            stallDetector =
                    StallDetector.start(
                            threshold,
                            shards.stream()
                                    .map(shard ->
                                            new StallDetector.Watched(
                                                    shard.reactor(),
                                                    shard.carrier(),
                                                    shard.stalls(),
                                                    extensions.size()))
                                    .toList());
        }
    }

    void stopStallDetector() {
        if (stallDetector != null) {
            stallDetector.close();
        }
    }

    PendingOutcomes pendingOutcomes() {
        return pendingOutcomes;
    }

    /** Part of the end of all; see {@link ShardExtension#disconnect}. */
    void disconnect(Shard shard) {
        extensions.forEach(extension -> extension.disconnect(shard));
    }

    /** Gives back what {@code shard} holds; on its carrier, after its last turn. */
    void close(Shard shard) {
        extensions.forEach(extension -> extension.stop(shard));
        for (Throwable site : shard.buffers().liveSites()) { // known in the tracking mode only
            ShardLog.error(shard + ": a buffer was never closed", site);
        }
        shard.reactor().close();
    }

    BlockingPool blockingPool() {
        return blockingPool;
    }

    private void connect(Shard shard) {
        Reactor target = shard.reactor();
        CallRing[] incoming = new CallRing[shards.size() - 1];
        int next = 0;
        for (Shard other : shards) {
            if (other != shard) {
                CallRing ring = new CallRing(other.reactor(), target);
                rings[other.id()][shard.id()] = ring;
                incoming[next++] = ring;
            }
        }
        target.messages(new CallInbox(target, incoming));
        foreignCalls[shard.id()] = new ForeignCalls(this, target);
        blockingPool.install(target);
    }
}
