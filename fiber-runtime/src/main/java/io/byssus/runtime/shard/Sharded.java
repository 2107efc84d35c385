package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.Thrown;
import io.byssus.runtime.shard.ServiceInstance.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * A service with an instance on each shard (or on one): a cache, a store, a table of sessions. Each
 * instance belongs to its shard, and only that shard's fibers touch it, so it needs no lock. Fibers
 * use the instance of their own shard by {@link #local}, and those of others by calls.
 *
 * <p>An instance may be any object. One that has to be started and stopped is a {@link
 * ShardedService}; {@code start} tells it its peers, too.
 *
 * <p>A service starts shard by shard and stops in the reverse order. It stops when no call to the
 * instance is under way; calls that come later fail. What {@link #local} has given out is not
 * counted. The one that {@link #stop} is called by must not be in such a call itself.
 *
 * <p>A service that is still there when the runtime stops is stopped by it: when the fibers have
 * ended or their grace period has, before they are cancelled; the last that was started is the
 * first to stop. A program that stops its services itself, last one first, ends sooner.
 *
 * <p><b>Ownership:</b> any thread, except {@link #local}.
 *
 * @param <T> the type of the instances
 */
public final class Sharded<T> implements AutoCloseable {
    private enum State {
        STARTED,
        STOPPED,
        /** By the runtime, as it stopped: then nobody has made a mistake who stops it again. */
        STOPPED_BY_RUNTIME
    }

    /** For a caller that is cancelled again and again. */
    private static final int STOP_ATTEMPTS_MAX = 3;

    private final Shards shards;
    private final String name;
    private final List<Integer> shardIds;

    /** By shard; null where there is none. Each is confined to its shard. */
    private final List<ServiceInstance<T>> instances = new ArrayList<>();

    private final AtomicReference<State> state = new AtomicReference<>(State.STARTED);

    private Sharded(Shards shards, String name, List<Integer> shardIds) {
        this.shards = shards;
        this.name = Objects.requireNonNull(name);
        this.shardIds = shardIds;
        for (int id = 0; id < shards.count(); id++) {
            instances.add(shardIds.contains(id) ? new ServiceInstance<>(name, id) : null);
        }
    }

    /**
     * Starts a service on every shard: makes all instances, then lets each begin to serve, from
     * shard 0 up. If that fails on one, those that serve are stopped, the last one first.
     *
     * @param name for messages; need not be unique
     * @param constructor called on a fiber of each shard
     * @throws Exception what the constructor or {@link ShardedService#start} threw; what was thrown
     *     as the others were stopped is suppressed in it
     * @throws FiberCancelledException if the caller is cancelled meanwhile; then too nothing is
     *     left of the service
     * @throws IllegalStateException if the runtime stops
     */
    public static <T> Sharded<T> start(
            Shards shards, String name, ShardFunction<? extends T, ?> constructor)
            throws Exception {
        List<Integer> everywhere = IntStream.range(0, shards.count()).boxed().toList();
        return new Sharded<T>(shards, name, everywhere).start(constructor);
    }

    /**
     * As {@link #start(Shards, String, ShardFunction)}, on one shard, which the others call.
     *
     * @throws IndexOutOfBoundsException if there is no shard {@code id}
     */
    public static <T> Sharded<T> startOn(
            Shards shards, int id, String name, ShardFunction<? extends T, ?> constructor)
            throws Exception {
        return new Sharded<T>(shards, name, List.of(shards.get(id).id())).start(constructor);
    }

    private Sharded<T> start(ShardFunction<? extends T, ?> constructor) throws Exception {
        try {
            forEach(shardIds, instance -> instance.make(constructor));
            forEach(shardIds, instance -> instance.start(this));
            shards.services().add(this);
        } catch (Throwable e) {
            stopInstances(e);
            throw e;
        }
        return this;
    }

    /** For messages. */
    public String name() {
        return name;
    }

    /** The runtime that it runs on. */
    public Shards shards() {
        return shards;
    }

    /** The shards that have an instance, in ascending order. */
    public List<Integer> shardIds() {
        return shardIds;
    }

    /**
     * The instance of the calling fiber's shard; no other shard may use it.
     *
     * @throws IllegalStateException if the caller is not on a shard of this runtime, the shard has
     *     no instance, or it has stopped
     */
    public T local() {
        Shard shard = Shard.current();
        if (shard.shards() != shards) {
            throw new IllegalStateException(this + " belongs to another runtime");
        }
        return instance(shard.id()).service();
    }

    /**
     * Runs {@code function} on shard {@code id}, as {@link Shards#submitTo(int, ShardFunction)}
     * does, with the instance there.
     *
     * @return what {@code function} returned
     * @throws X what {@code function} threw
     * @throws FiberCancelledException if the caller is cancelled meanwhile; then the call is
     *     cancelled too
     * @throws IndexOutOfBoundsException if there is no shard {@code id}
     * @throws IllegalStateException if that shard has no instance, or it stops or has stopped
     */
    public <R, X extends Exception> R invokeOn(int id, ServiceFunction<? super T, R, X> function)
            throws X {
        ServiceInstance<T> instance = instance(id);
        return shards.submitTo(id, () -> instance.call(function));
    }

    /** As {@link #invokeOn(int, ServiceFunction)}, when there is a slot in {@code group}. */
    public <R, X extends Exception> R invokeOn(
            int id, CallGroup group, ServiceFunction<? super T, R, X> function) throws X {
        ServiceInstance<T> instance = instance(id);
        return shards.submitTo(id, group, () -> instance.call(function));
    }

    /** As {@link #invokeOn(int, ServiceFunction)}, for what has no result. */
    public <X extends Exception> void runOn(int id, ServiceAction<? super T, X> action) throws X {
        Object ignored = invokeOn(id, withoutResult(action));
        assert ignored == null;
    }

    /**
     * Runs {@code action} with every instance, on all shards at once, and waits for all, also when
     * it fails on one.
     *
     * @throws X what it threw on the first shard that it failed on; what it threw on others is
     *     suppressed in it
     * @throws FiberCancelledException if the caller is cancelled meanwhile; then it is cancelled
     *     everywhere
     * @throws IllegalStateException if the service stops or has stopped
     */
    public <X extends Exception> void invokeOnAll(ServiceAction<? super T, X> action) throws X {
        List<Object> ignored = map(shardIds, withoutResult(action));
        assert ignored.size() == shardIds.size();
    }

    /** As {@link #invokeOnAll}, except for the caller's own shard. */
    public <X extends Exception> void invokeOnOthers(ServiceAction<? super T, X> action) throws X {
        int here = shards.isCallersOwn() ? Shard.current().id() : -1;
        List<Integer> others = shardIds.stream().filter(id -> id != here).toList();
        List<Object> ignored = map(others, withoutResult(action));
        assert ignored.size() == others.size();
    }

    /**
     * Asks every instance, on all shards at once.
     *
     * @return the answers, by shard
     * @throws X as {@link #invokeOnAll} does
     */
    public <R, X extends Exception> List<R> map(ServiceFunction<? super T, R, X> function)
            throws X {
        return map(shardIds, function);
    }

    /**
     * Asks every instance, on all shards at once, and makes one result of the answers: {@code
     * reduce} is called by the caller, in the order of the shards.
     *
     * @throws X as {@link #invokeOnAll} does
     */
    public <M, R, X extends Exception> R mapReduce(
            ServiceFunction<? super T, M, X> function,
            R initial,
            BiFunction<? super R, ? super M, ? extends R> reduce)
            throws X {
        R result = initial;
        for (M answer : map(function)) {
            result = reduce.apply(result, answer);
        }
        return result;
    }

    /**
     * Stops the service, shard by shard, the last one first: calls fail from then on, those that
     * are under way come to their end, then {@link ShardedService#stop} is called. A caller that is
     * cancelled does not wait for calls, and stops the instances all the same.
     *
     * @throws Exception what the first to fail threw, when all have been stopped; what others threw
     *     is suppressed in it
     * @throws IllegalStateException if the program has stopped it before
     */
    public void stop() throws Exception {
        if (!stop(State.STOPPED) && state.get() == State.STOPPED) {
            throw new IllegalStateException(this + " has already been stopped");
        }
    }

    /**
     * As {@link #stop}, unless it has been stopped: then this does nothing.
     *
     * @throws IllegalStateException if an instance could not be stopped; with the reason
     */
    @Override
    public void close() {
        try {
            boolean ignored = stop(State.STOPPED);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(this + " did not stop in order", e);
        }
    }

    /** For the runtime, as it stops. On one of its fibers. */
    void stopWithRuntime() throws Exception {
        boolean ignored = stop(State.STOPPED_BY_RUNTIME);
    }

    /** Whether it was this call that stopped it. */
    private boolean stop(State reason) throws Exception {
        if (!state.compareAndSet(State.STARTED, reason)) {
            return false;
        }
        shards.services().remove(this);
        Throwable failure = stopInstances(null);
        if (failure != null) {
            throw Thrown.exception(failure);
        }
        return true;
    }

    /**
     * @param before what has already failed, or null
     * @return the first failure, with all others suppressed in it; or null
     */
    private Throwable stopInstances(Throwable before) {
        Throwable first = before;
        Patience patience = Patience.WAITS;
        for (int id : shardIds.reversed()) {
            boolean again = true;
            for (int attempt = 0; again && attempt < STOP_ATTEMPTS_MAX; attempt++) {
                Patience asked = patience;
                again = false;
                try {
                    forEach(List.of(id), instance -> instance.stop(asked));
                } catch (FiberCancelledException e) {
                    patience = Patience.DOES_NOT_WAIT;
                    again = true; // it may have been cancelled before it had begun
                    first = join(first, e);
                } catch (Throwable e) {
                    first = join(first, e);
                }
            }
        }
        return first;
    }

    private static Throwable join(Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        if (first != next) {
            first.addSuppressed(next);
        }
        return first;
    }

    private interface Step<T> {
        void take(ServiceInstance<T> instance) throws Exception;
    }

    /** One shard after the other. */
    private void forEach(List<Integer> ids, Step<T> step) throws Exception {
        for (int id : ids) {
            ServiceInstance<T> instance = instance(id);
            Object ignored =
                    shards.submitTo(
                            id,
                            () -> {
                                step.take(instance);
                                return null;
                            });
            assert ignored == null;
        }
    }

    private <R, X extends Exception> List<R> map(
            List<Integer> ids, ServiceFunction<? super T, R, X> function) throws X {
        return shards.map(ids, () -> instance(Shard.current().id()).call(function));
    }

    private static <T, X extends Exception> ServiceFunction<T, Object, X> withoutResult(
            ServiceAction<T, X> action) {
        return service -> {
            action.accept(service);
            return null;
        };
    }

    private ServiceInstance<T> instance(int id) {
        ServiceInstance<T> instance = instances.get(shards.get(id).id());
        if (instance == null) {
            throw new IllegalStateException(
                    this + " has no instance on shard " + id + ", only on " + shardIds);
        }
        return instance;
    }

    @Override
    public String toString() {
        return "service '" + name + "'";
    }
}
