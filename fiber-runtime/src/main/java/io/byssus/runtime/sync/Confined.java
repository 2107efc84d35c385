package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.reactor.Reactor;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Something that belongs to the shard that made it, has a name, and can be waited for.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #name}, {@link #holders} and {@link
 * #toString}.
 */
abstract class Confined implements Awaited {
    /** A deadline that never comes. */
    static final long NO_LIMIT = Long.MAX_VALUE;

    private final Reactor home;
    private final String kind;
    private final String name;

    /**
     * @param kind what it is, for messages
     * @throws IllegalStateException if the caller is not on a shard
     */
    Confined(String kind, String name) {
        this.home = Reactor.current();
        this.kind = kind;
        this.name = Objects.requireNonNull(name, "name");
    }

    final Reactor home() {
        return home;
    }

    /** For messages and dumps. From any thread. */
    public final String name() {
        return name;
    }

    /**
     * To be called by every operation: a few loads, and one comparison.
     *
     * @throws IllegalStateException if the caller is on another shard, or on none
     */
    final void requireShard() {
        Reactor current = Reactor.currentOrNull();
        if (current != home) {
            throw elsewhere(current);
        }
    }

    /** {@link #requireShard}, and a yield if the caller has used up its quota. */
    final void preemptionPoint() {
        requireShard();
        if (home.countOperation()) {
            Thread.yield();
        }
    }

    private IllegalStateException elsewhere(Reactor current) {
        String user =
                current == null
                        ? "thread '" + Thread.currentThread().getName() + "', not on a shard"
                        : "shard " + current.shard() + sameNumber(current);
        return new IllegalStateException(
                description() + " belongs to shard " + home.shard() + ", used from " + user);
    }

    private String sameNumber(Reactor current) {
        return current.shard() == home.shard() ? " of another runtime" : "";
    }

    /** Refuses a negative limit; the deadline itself is worked out only where there is a wait. */
    static void requireLimit(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("limit=" + limit + ": must not be negative");
        }
    }

    /** On the clock of the shard. */
    static long deadlineNanos(Duration limit) {
        return Deadline.after(limit).nanos();
    }

    final WaitTimeoutException timeout() {
        return new WaitTimeoutException("timed out in " + this);
    }

    static Throwable requireCause(Throwable cause) {
        return Objects.requireNonNull(cause, "cause");
    }

    /** A name for {@code thread} in messages. */
    static String describe(Thread thread) {
        return "fiber '" + thread.getName() + "'" + (thread.isAlive() ? "" : " (ended)");
    }

    /** Kind and name. */
    final String description() {
        return kind + " '" + name + "'";
    }

    /** How it stands, in a few words; from any thread, without waiting. */
    abstract String state();

    /** What is known of who has to act; from any thread. Most do not know. */
    @Override
    public List<Thread> holders() {
        return List.of();
    }

    /** What it is and how it stands; from any thread, elsewhere it may be late. */
    @Override
    public final String toString() {
        return description() + " (" + state() + ")";
    }
}
