package io.byssus.stack;

import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Lets hosts do what there is to do, and then the clock go to whatever is due next: no time passes
 * while anything happens.
 */
abstract class VirtualTime {
    /** Turns without any time passing; more is a loop. */
    private static final int TURNS_MAX = 1 << 20;

    final ManualClock clock = new ManualClock();

    /** A turn of everybody; false if there was nothing to do. */
    abstract boolean turn();

    /** When something is due next. */
    abstract long deadline();

    public final long now() {
        return clock.nanoTime();
    }

    /** Lets the time pass until {@code done}; false if it is not at the limit. */
    final boolean runUntil(BooleanSupplier done, Duration limit) {
        long end = now() + limit.toNanos();
        while (!done.getAsBoolean()) {
            settle();
            if (done.getAsBoolean()) {
                return true;
            }
            long next = deadline();
            if (next > end) {
                clock.advance(Duration.ofNanos(end - now()));
                return false;
            }
            if (next > now()) {
                clock.advance(Duration.ofNanos(next - now()));
            }
        }
        return true;
    }

    final void run(Duration time) {
        runUntil(() -> false, time);
    }

    private void settle() {
        int turns = 0;
        while (turn()) {
            turns++;
            if (turns > TURNS_MAX) {
                throw new AssertionError("the hosts do not come to rest at " + now());
            }
        }
    }
}
