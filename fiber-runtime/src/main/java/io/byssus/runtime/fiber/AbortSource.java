package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A switch that stops work, once and for ever: fibers, of one shard or of several, run what it is
 * to stop under {@link #call} or {@link #run}, and {@link #abort} ends that in all of them.
 *
 * <p>In each of these fibers the operation that it is parked in, or else the next one that would
 * park, throws {@link FiberCancelledException}; when that has reached {@link #call}, its caller
 * gets {@link AbortedException}. Fibers that were started inside are not stopped by the source
 * itself, but by the {@link Scope} that they belong to, as its owner leaves it.
 *
 * <p><b>Ownership:</b> any thread. What runs under it is listed per shard, on that shard.
 */
public final class AbortSource {
    /** As the cause of an abort without one. */
    private static final Throwable NO_CAUSE = new Throwable("none", null, false, false) {};

    private final String name;

    /** Null until it is aborted. Written before the branches are read; see {@link Branch}. */
    private final AtomicReference<Throwable> cause = new AtomicReference<>();

    private final List<Branch> branches = new CopyOnWriteArrayList<>();

    /**
     * What runs under the source on one shard. A branch is published, and a scope linked to it,
     * before the scope looks whether the source is aborted; abort sets the cause first and looks at
     * the branches then. So one of them sees the other.
     */
    private static final class Branch {
        private final Reactor reactor;
        private AbortScope first;

        Branch(Reactor reactor) {
            this.reactor = reactor;
        }

        void expireAll() {
            for (AbortScope scope = first; scope != null; scope = scope.next) {
                scope.expire(); // runs no code of others, so the list stays as it is
            }
        }
    }

    /** One call under the source; linked with its neighbours on the shard. */
    private static final class AbortScope extends CancelScope {
        private final AbortSource source;
        private final Branch branch;
        private AbortScope next;
        private AbortScope previous;

        AbortScope(AbortSource source) {
            this.source = source;
            this.branch = source.branch(reactor());
        }

        @Override
        void watch() {
            next = branch.first;
            if (next != null) {
                next.previous = this;
            }
            branch.first = this;
            if (source.isAborted()) {
                expire();
            }
        }

        @Override
        void unwatch() {
            if (previous == null) {
                branch.first = next;
            } else {
                previous.next = next;
            }
            if (next != null) {
                next.previous = previous;
            }
            next = null;
            previous = null;
        }

        @Override
        RuntimeException outcome(FiberCancelledException stopped) {
            return new AbortedException(source, stopped);
        }

        @Override
        String reason() {
            Throwable cause = source.cause.get();
            return source + " was aborted" + (cause == NO_CAUSE ? "" : ": " + cause);
        }
    }

    /**
     * @param name for messages; need not be unique
     */
    public AbortSource(String name) {
        this.name = name;
    }

    /**
     * Stops what runs under this source, and all that will. Does not wait for it. Only the first
     * call has an effect. From any thread.
     *
     * @return whether this was the first call
     */
    public boolean abort() {
        return abort(NO_CAUSE);
    }

    /**
     * As {@link #abort()}.
     *
     * @param why the cause of each {@link AbortedException}
     */
    public boolean abort(Throwable why) {
        if (why == null) {
            throw new IllegalArgumentException("why=null");
        }
        if (!cause.compareAndSet(null, why)) {
            return false;
        }
        for (Branch branch : branches) {
            if (branch.reactor.isCurrent()) {
                branch.expireAll();
            } else {
                branch.reactor.execute(branch::expireAll);
            }
        }
        return true;
    }

    /** Whether {@link #abort} has been called. From any thread. */
    public boolean isAborted() {
        return cause.get() != null;
    }

    /** What {@link #abort(Throwable)} was given; empty before it, and after one without. */
    public Optional<Throwable> cause() {
        Throwable why = cause.get();
        return why == NO_CAUSE ? Optional.empty() : Optional.ofNullable(why);
    }

    /**
     * Runs {@code body} in the calling fiber, until it ends or this source is aborted. If it was
     * aborted already, {@code body} is run as far as it gets without parking.
     *
     * @return what {@code body} returned; also if the source was aborted, but too late to stop it
     * @throws AbortedException if {@code body} was stopped by this source
     * @throws FiberCancelledException if {@code body} was stopped by something further outside
     * @throws X what {@code body} threw
     * @throws IllegalStateException if the caller is not on a shard
     */
    public <T, X extends Exception> T call(FiberCall<T, X> body) throws X {
        return new AbortScope(this).call(body);
    }

    /** As {@link #call}, without a result. */
    public <X extends Exception> void run(FiberAction<X> body) throws X {
        new AbortScope(this)
                .call(() -> {
                    body.run();
                    return null;
                });
    }

    private Branch branch(Reactor reactor) {
        for (Branch branch : branches) {
            if (branch.reactor == reactor) {
                return branch;
            }
        }
        Branch branch = new Branch(reactor); // only this shard makes its own
        branches.add(branch);
        return branch;
    }

    @Override
    public String toString() {
        return "abort source '" + name + "'";
    }
}
