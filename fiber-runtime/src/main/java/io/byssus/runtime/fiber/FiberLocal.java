package io.byssus.runtime.fiber;

import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A variable of which every fiber has a value of its own: what a thread-local is to a thread, but
 * kept in the fiber itself, so that reading it is a few loads and a fiber that uses none pays
 * nothing.
 *
 * <p>There are two kinds. A <i>confined</i> one belongs to its fiber alone: a buffer to be used
 * again, a counter. An <i>inherited</i> one, such as the id of the request that is served, passes
 * on to the fibers that this one starts, also by {@link Timers}, and to what runs for it on another
 * shard ({@code submitTo}, {@code spawn}) or on the blocking pool ({@link Blocking#call}). They get
 * the value as it is at that moment; what is set later, on either side, the other does not see. As
 * an inherited value may come to other shards, it should be immutable or safe from any thread.
 *
 * <p>On a thread that is no fiber (outside the runtime, or a virtual thread that was started by
 * other means than {@link Fiber#start}, also if it runs on a shard) it is a thread-local of that
 * thread, which begins without a value. {@link FiberContext#wrap} brings the inherited ones there.
 *
 * <p>Meant for constants: each takes a place in the fibers that use it for as long as the program
 * runs.
 *
 * <p><b>Ownership:</b> the variable may be used from any thread; each value is its fiber's.
 *
 * @param <T> the type of the values
 */
public final class FiberLocal<T> {
    private static final AtomicInteger CONFINED = new AtomicInteger();
    private static final AtomicInteger INHERITED = new AtomicInteger();

    private final boolean inherited;
    private final int index;

    /** Null for none. */
    private final Supplier<? extends T> initial;

    private FiberLocal(boolean inherited, Supplier<? extends T> initial) {
        this.inherited = inherited;
        this.index = (inherited ? INHERITED : CONFINED).getAndIncrement();
        this.initial = initial;
    }

    /** One whose values stay with their fiber, and that has none at first. */
    public static <T> FiberLocal<T> confined() {
        return new FiberLocal<>(false, null);
    }

    /**
     * One whose values stay with their fiber.
     *
     * @param initial makes a fiber's value when it is first asked for; not null
     */
    public static <T> FiberLocal<T> confined(Supplier<? extends T> initial) {
        return new FiberLocal<>(false, Objects.requireNonNull(initial));
    }

    /** One whose values pass on to children and calls, and that has none at first. */
    public static <T> FiberLocal<T> inherited() {
        return new FiberLocal<>(true, null);
    }

    /**
     * One whose values pass on to children and calls.
     *
     * @param initial makes the value of a fiber that was given none, when it is first asked for;
     *     not null
     */
    public static <T> FiberLocal<T> inherited(Supplier<? extends T> initial) {
        return new FiberLocal<>(true, Objects.requireNonNull(initial));
    }

    /**
     * The calling fiber's value.
     *
     * @throws NoSuchElementException if it has none and there is no initial one
     */
    public T get() {
        Locals locals = Locals.current();
        T value = valueIn(locals);
        return value != null ? value : initialise(locals);
    }

    /** The calling fiber's value, or {@code other} if it has none; makes no initial one. */
    public T orElse(T other) {
        T value = valueIn(Locals.current());
        return value != null ? value : other;
    }

    /** Whether the calling fiber has a value; an initial one counts once it is made. */
    public boolean isSet() {
        return valueIn(Locals.current()) != null;
    }

    /**
     * Sets the calling fiber's value.
     *
     * @param value not null
     */
    public void set(T value) {
        store(Locals.current(), Objects.requireNonNull(value, "value=null"));
    }

    /** Takes the calling fiber's value away; {@link #get} would make an initial one again. */
    public void remove() {
        Locals locals = Locals.current();
        if (valueIn(locals) != null) {
            store(locals, null);
        }
    }

    @SuppressWarnings("unchecked")
    private T valueIn(Locals locals) {
        Object[] values = inherited ? locals.carried : locals.confined;
        return index < values.length ? (T) values[index] : null;
    }

    private T initialise(Locals locals) {
        if (initial == null) {
            throw new NoSuchElementException(
                    "no value in thread '" + Thread.currentThread().getName() + "'");
        }
        T value = Objects.requireNonNull(initial.get(), "initial value=null");
        store(locals, value);
        return value;
    }

    private void store(Locals locals, T value) {
        if (inherited) {
            Object[] values = copy(locals.carried);
            values[index] = value;
            locals.carried = values;
        } else {
            if (index >= locals.confined.length) {
                locals.confined = copy(locals.confined);
            }
            locals.confined[index] = value;
        }
    }

    /** A copy with room for this one. */
    private Object[] copy(Object[] values) {
        return Arrays.copyOf(values, Math.max(values.length, index + 1));
    }
}
