package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import java.util.List;

/**
 * One shard's instance of a service: its life, and the calls to it that are under way.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class ServiceInstance<T> implements Awaited {
    /**
     * One after the other; a start that fails goes from {@link #STARTING} to {@link #STOPPED}, and
     * an instance that was made and never started goes there, too.
     */
    private enum Stage {
        NEW,
        /** Its peers may call it. */
        MADE,
        STARTING,
        STARTED,
        /** No call begins any more. */
        STOPPING,
        STOPPED
    }

    private final String name;
    private final int shard;
    private final WaitPoint lastCallEnded = new WaitPoint();
    private Stage stage = Stage.NEW;
    private T service;

    /** Calls that are under way. */
    private int calls;

    /** To be stopped as soon as its start has returned. */
    private boolean unwanted;

    ServiceInstance(String name, int shard) {
        this.name = name;
        this.shard = shard;
    }

    void make(ShardFunction<? extends T, ?> constructor) throws Exception {
        assert stage == Stage.NEW;
        T made = constructor.call();
        if (made == null) {
            throw new NullPointerException(this + ": the constructor answered null");
        }
        if (stage == Stage.NEW) { // else who asked for it was cancelled meanwhile
            service = made;
            stage = Stage.MADE;
        }
    }

    void start(Sharded<T> peers) throws Exception {
        assert stage == Stage.MADE;
        stage = Stage.STARTING;
        try {
            if (service instanceof ShardedService<?>) {
                asService().start(peers);
            }
        } catch (Throwable e) {
            end();
            throw e;
        }
        stage = Stage.STARTED;
        if (unwanted) {
            stop(Patience.DOES_NOT_WAIT);
        }
    }

    /** Whether a stop waits for the calls that are under way. */
    enum Patience {
        WAITS,
        DOES_NOT_WAIT
    }

    /**
     * Stops it, if it has started. If the caller is cancelled it does not wait for calls, either.
     */
    void stop(Patience patience) throws Exception {
        switch (stage) {
            case NEW, MADE -> end();
            case STARTING -> unwanted = true;
            case STARTED -> stopStarted(patience);
            case STOPPING, STOPPED -> {}
        }
    }

    private void stopStarted(Patience patience) throws Exception {
        stage = Stage.STOPPING;
        FiberCancelledException cancelled = null;
        try {
            while (calls > 0 && patience == Patience.WAITS) {
                lastCallEnded.await(this);
            }
        } catch (FiberCancelledException e) {
            cancelled = e;
        }
        try {
            if (service instanceof ShardedService<?>) {
                asService().stop();
            }
        } finally {
            end();
        }
        if (cancelled != null) {
            throw cancelled;
        }
    }

    private void end() {
        stage = Stage.STOPPED;
        service = null;
    }

    /** For the fibers of its shard. */
    T service() {
        return switch (stage) {
            case MADE, STARTING, STARTED, STOPPING -> service;
            case NEW -> throw new IllegalStateException(this + " has not been started");
            case STOPPED -> throw new IllegalStateException(this + " has stopped");
        };
    }

    <R, X extends Exception> R call(ServiceFunction<? super T, R, X> function) throws X {
        if (stage == Stage.STOPPING) {
            throw new IllegalStateException(this + " is stopping");
        }
        T callee = service();
        calls++;
        try {
            return function.apply(callee);
        } finally {
            calls--;
            if (calls == 0) {
                lastCallEnded.signal();
            }
        }
    }

    @SuppressWarnings("unchecked") // as the interface says: T is the service itself
    private ShardedService<T> asService() {
        return (ShardedService<T>) service;
    }

    /** Whoever stops it waits for the calls, which are not listed. */
    @Override
    public List<Thread> holders() {
        return List.of();
    }

    @Override
    public String toString() {
        return "service '" + name + "' on shard " + shard;
    }
}
