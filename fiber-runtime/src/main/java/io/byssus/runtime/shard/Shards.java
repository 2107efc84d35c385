package io.byssus.runtime.shard;

import io.byssus.runtime.diagnostics.Fibers;
import io.byssus.runtime.diagnostics.StallDetector;
import io.byssus.runtime.fiber.BlockingPool;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberContext;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.BufferLimits;
import io.byssus.runtime.os.Loom;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * A running Byssus: as many shards as there are processors, each with its own carrier, memory and
 * connections.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class Shards implements AutoCloseable {
    private final List<Shard> shards;
    private final List<CallInbox> inboxes = new ArrayList<>();
    private final ForeignCalls[] foreignCalls;
    private final BlockingPool blockingPool;
    private final Shutdown shutdown;
    private final List<ShardExtension> extensions;
    private final Services services = new Services();
    private final PendingOutcomes pendingOutcomes = new PendingOutcomes();

    /** Null if it is switched off. */
    private StallDetector stallDetector;

    private final Map<Class<?>, Object> shared = new ConcurrentHashMap<>();

    /** Takes the shards out of the dumps. */
    private Runnable undump = () -> {};

    private Shards(RuntimeOptions options, Placement placement, List<ShardExtension> extensions) {
        BufferLimits bufferLimits = BufferMemory.limits(options, placement.shards());
        this.extensions = extensions;
        this.blockingPool = new BlockingPool(options.blockingThreads);
        this.shards = new ArrayList<>();
        this.foreignCalls = new ForeignCalls[placement.shards()];
        this.shutdown = new Shutdown(this, options);
        try {
            for (int i = 0; i < placement.shards(); i++) {
                Reactor reactor = Backends.newReactor(i, options, bufferLimits);
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
        connect();
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
            shards.undump = Fibers.attach(shards.shards.stream().map(Shard::reactor).toList());
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
        if (id < 0 || id >= shards.size()) {
            throw new IndexOutOfBoundsException(
                    "shard=" + id + ", and there are shards 0 to " + (shards.size() - 1));
        }
        return shards.get(id);
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
            return send(target, call);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw ShardFunction.<X>declared(e);
        }
    }

    /**
     * As {@link #submitTo(int, ShardFunction)}, when there is a slot in {@code group}: before that,
     * the caller waits, and can be cancelled. A call to the caller's own shard needs no slot.
     *
     * @throws IllegalArgumentException if {@code group} belongs to another runtime
     * @throws IllegalStateException if the runtime has stopped, or calls nest deeper than {@link
     *     CallGroup#LEVELS_MAX}
     */
    public <T, X extends Exception> T submitTo(int id, CallGroup group, ShardFunction<T, X> call)
            throws X {
        Reactor target = get(id).reactor();
        int level = group.levelIn(this);
        if (target.isCurrent()) {
            return call.call();
        }
        shutdown.requireRunning();
        try {
            Reactor source = ownReactorOrNull();
            if (source == null) {
                return foreignCalls[id].call(group, level, call);
            }
            CallSlots slots = group.slots(source.shard(), id, level);
            return send(new ShardCall<>(ring(source, target), call, slots, level + 1));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw ShardFunction.<X>declared(e);
        }
    }

    /**
     * A new group of calls, of which at most {@code callsMax} are under way at a time from each
     * shard to each other.
     *
     * @param name for messages; need not be unique
     * @throws IllegalArgumentException if {@code callsMax} is not positive
     */
    public CallGroup callGroup(String name, int callsMax) {
        return new CallGroup(this, name, callsMax);
    }

    /**
     * Runs {@code function} on every shard at once, and waits for all, also when one fails.
     *
     * @return what it returned, by shard
     * @throws X what it threw on the first shard that it failed on; what it threw on others is
     *     suppressed in it
     * @throws io.byssus.runtime.fiber.FiberCancelledException if the caller is cancelled meanwhile;
     *     then it is cancelled everywhere
     * @throws IllegalStateException if the runtime has stopped
     */
    public <T, X extends Exception> List<T> map(ShardFunction<T, X> function) throws X {
        return map(shards.stream().map(Shard::id).toList(), function);
    }

    /**
     * Runs {@code function} on every shard at once, and makes one result of what it returned:
     * {@code reduce} is called by the caller, in the order of the shards.
     *
     * @throws X as {@link #map} does
     */
    public <M, R, X extends Exception> R mapReduce(
            ShardFunction<M, X> function,
            R initial,
            BiFunction<? super R, ? super M, ? extends R> reduce)
            throws X {
        R result = initial;
        for (M answer : map(function)) {
            result = reduce.apply(result, answer);
        }
        return result;
    }

    <T, X extends Exception> List<T> map(List<Integer> ids, ShardFunction<T, X> function) throws X {
        shutdown.requireRunning();
        try {
            return FanOut.run(this, ids, function);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw ShardFunction.<X>declared(e);
        }
    }

    /** A call from the calling fiber, which is on another shard of this runtime. */
    <T> ShardCall<T> newCall(int target, ShardFunction<T, ?> body) {
        Reactor source = Reactor.current();
        assert source.shard() != target;
        return new ShardCall<>(ring(source, get(target).reactor()), body);
    }

    /** Whether the caller is a fiber of this runtime. */
    boolean isCallersOwn() {
        return ownReactorOrNull() != null;
    }

    Services services() {
        return services;
    }

    private <T> T send(Reactor target, ShardFunction<T, ?> body) throws Exception {
        Reactor source = ownReactorOrNull();
        if (source == null) {
            return foreignCalls[target.shard()].call(body);
        }
        return send(new ShardCall<>(ring(source, target), body));
    }

    private static <T> T send(ShardCall<T> call) throws Exception {
        call.send();
        return call.await();
    }

    /** The calling fiber's, if its shard is one of this runtime; else null. */
    private Reactor ownReactorOrNull() {
        Reactor source = Reactor.currentOrNull();
        return source == null || Shard.LOCAL.get(source).shards() != this ? null : source;
    }

    private CallRing ring(Reactor source, Reactor target) {
        return inboxes.get(source.shard()).ringTo(target.shard());
    }

    /**
     * Starts {@code body} on a fiber of shard {@code id} and does not wait. From any thread.
     *
     * <p>As nobody waits, nothing slows the caller down: whoever starts more than the shard can
     * follow fills the heap. {@link #submitTo} is bounded.
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
        try {
            shutdown.requireRunning(); // in this order: a shutdown meanwhile fails it, or us
        } catch (IllegalStateException e) {
            outcome.completeExceptionally(e);
            throw e;
        }
        CompletableFuture<Fiber<?>> fiber = new CompletableFuture<>();
        SchedulingGroup group = SchedulingGroup.current();
        Callable<T> inContext = CallNesting.carry(FiberContext.capture().wrapForFiber(body));
        Callable<Void> run =
                () -> {
                    try {
                        outcome.complete(inContext.call());
                    } catch (Throwable e) {
                        outcome.completeExceptionally(e);
                    }
                    return null;
                };
        reactor.execute(() -> fiber.complete(Fiber.startOn(reactor, group, name, run)));
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

    /** Dumps show this runtime no more; as the last step of its end. */
    void leaveDumps() {
        undump.run();
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

    @Override
    public String toString() {
        return "runtime of " + count() + (count() == 1 ? " shard" : " shards");
    }

    BlockingPool blockingPool() {
        return blockingPool;
    }

    private void connect() {
        shards.forEach(shard -> inboxes.add(new CallInbox(shard.reactor())));
        for (Shard shard : shards) {
            CallInbox inbox = inboxes.get(shard.id());
            inboxes.stream().filter(other -> other != inbox).forEach(inbox::callsTo);
            shard.reactor().messages(inbox);
            foreignCalls[shard.id()] = new ForeignCalls(this, shard.reactor());
            blockingPool.install(shard.reactor());
        }
    }
}
