package io.byssus.runtime.fiber;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The live fibers of a shard, as a list through the fibers themselves.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class FiberRoster {
    private Fiber<?> first;
    private int size;

    /** What to do once there are none; null for nothing. */
    private Runnable whenEmpty;

    private boolean cancelling;

    /** Cancels every live fiber, and from now on every other as it is added. */
    void cancelAll() {
        cancelling = true;
        snapshot().forEach(Fiber::cancel);
    }

    /** Whether a fiber that is added now is to be cancelled at once. */
    boolean cancelsNewcomers() {
        return cancelling;
    }

    /** Runs {@code action} once, now or when the last fiber has ended. */
    void whenEmpty(Runnable action) {
        if (size == 0) {
            action.run();
        } else {
            whenEmpty = action;
        }
    }

    void add(Fiber<?> fiber) {
        fiber.nextLive = first;
        if (first != null) {
            first.previousLive = fiber;
        }
        first = fiber;
        size++;
    }

    void remove(Fiber<?> fiber) {
        if (fiber.previousLive == null) {
            assert first == fiber;
            first = fiber.nextLive;
        } else {
            fiber.previousLive.nextLive = fiber.nextLive;
        }
        if (fiber.nextLive != null) {
            fiber.nextLive.previousLive = fiber.previousLive;
        }
        fiber.nextLive = null;
        fiber.previousLive = null;
        size--;
        assert size >= 0;
        if (size == 0 && whenEmpty != null) {
            Runnable action = whenEmpty;
            whenEmpty = null;
            action.run();
        }
    }

    /**
     * As {@link #snapshot}, from any thread, when the shard does not answer. If it goes on
     * meanwhile, some may be missing and some have ended.
     */
    List<Fiber<?>> seenFromOutside() {
        Set<Fiber<?>> fibers = new LinkedHashSet<>(); // links that are rewritten might make a ring
        Fiber<?> fiber = first;
        while (fiber != null && fibers.add(fiber)) {
            fiber = fiber.nextLive;
        }
        return List.copyOf(fibers);
    }

    List<Fiber<?>> snapshot() {
        List<Fiber<?>> fibers = new ArrayList<>(size);
        for (Fiber<?> fiber = first; fiber != null; fiber = fiber.nextLive) {
            fibers.add(fiber);
        }
        return fibers;
    }
}
