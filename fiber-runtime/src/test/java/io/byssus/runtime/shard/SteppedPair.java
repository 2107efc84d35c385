package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;

/** Two shards, of which the first calls the second; each runs only when a test says so. */
final class SteppedPair {
    /** A test's body. */
    @FunctionalInterface
    interface Body {
        void run(SteppedPair pair) throws Throwable;
    }

    private final ManualClock clock = new ManualClock();
    private final CallRing ring;
    final SteppedReactor source;
    final SteppedReactor target;

    private SteppedPair() {
        target = new SteppedReactor(1, clock);
        source = new SteppedReactor(0, clock);
        CallInbox targetInbox = new CallInbox(target.reactor());
        CallInbox sourceInbox = new CallInbox(source.reactor());
        ring = sourceInbox.callsTo(targetInbox);
        target.reactor().messages(targetInbox);
        source.reactor().messages(sourceInbox);
    }

    static void run(Body body) throws Throwable {
        SteppedReactor.onCarrier(() -> body.run(new SteppedPair()));
    }

    /** From a fiber of the source to its end. */
    <T> T call(ShardFunction<T, ?> body) throws Exception {
        return callIn(null, body);
    }

    /** As {@link #call}, in a slot of {@code slots}. */
    <T> T callIn(CallSlots slots, ShardFunction<T, ?> body) throws Exception {
        ShardCall<T> call = new ShardCall<>(ring, body, slots, slots == null ? 0 : 1);
        call.send();
        return call.await();
    }

    /** Runs both until neither has anything to do. */
    void settle() {
        for (boolean busy = true; busy; ) {
            busy = target.turn();
            busy |= source.turn();
        }
    }

    /** Moves the time of both on; neither has run. */
    void advanceClock(Duration step) {
        clock.advance(step);
    }

    void advance(Duration step) {
        settle();
        advanceClock(step);
        settle();
    }

    /** What the test has left behind, as far as a shard can tell. */
    String left() {
        return left(source) + left(target);
    }

    private static String left(SteppedReactor stepped) {
        stepped.turn();
        int fibers = Fiber.liveOn(stepped.reactor()).size();
        int timers = stepped.reactor().armedTimers();
        return fibers + timers == 0
                ? ""
                : stepped.reactor() + ": " + fibers + " fibers, " + timers + " timers. ";
    }
}
