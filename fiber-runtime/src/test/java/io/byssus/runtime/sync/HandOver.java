package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.sync.SyncScenario.Attempt;

/**
 * Something that is handed from fiber to fiber, and what happens when the hand-over comes together
 * with a cancellation or a timeout: in the order in which they come, and before the waiter has run.
 *
 * @param take without a limit; for the first holder, who need not wait
 * @param takeInASecond with a limit of one second
 * @param give gives it back, by whichever fiber or none
 */
record HandOver(FiberTask take, FiberTask takeInASecond, Action give) {
    /** Something that does not park. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    /** What comes together. */
    private enum Together {
        CANCEL_GIVE,
        GIVE_CANCEL,
        EXPIRE_GIVE,
        GIVE_EXPIRE,
        EXPIRE_CANCEL_GIVE,
        CANCEL_GIVE_EXPIRE
    }

    /** At the end nobody holds it. */
    static void assertNeverLost(SyncScenario scenario, HandOver thing) throws Exception {
        for (Together together : Together.values()) {
            Attempt holder = scenario.attempt("holder", thing.take);
            assertThat(holder.failure()).isNull();
            Attempt waiter = scenario.attempt("waiter", thing.takeInASecond);
            Attempt next = scenario.attempt("next", thing.takeInASecond);
            assertThat(waiter.isDone()).isFalse();
            switch (together) {
                case CANCEL_GIVE -> {
                    waiter.cancel();
                    thing.give.run();
                }
                case GIVE_CANCEL -> {
                    thing.give.run();
                    waiter.cancel();
                }
                case EXPIRE_GIVE -> {
                    scenario.expireTimers();
                    thing.give.run();
                }
                case GIVE_EXPIRE -> {
                    thing.give.run();
                    scenario.stepped().clock().advance(SyncScenario.SECOND.multipliedBy(2));
                }
                case EXPIRE_CANCEL_GIVE -> {
                    scenario.expireTimers();
                    waiter.cancel();
                    thing.give.run();
                }
                case CANCEL_GIVE_EXPIRE -> {
                    waiter.cancel();
                    thing.give.run();
                    scenario.stepped().clock().advance(SyncScenario.SECOND.multipliedBy(2));
                }
            }
            scenario.settle();
            assertThat(waiter.failure()).as("%s", together).isNull();
            assertThat(waiter.isToBeCancelled())
                    .as("%s: the cancellation is left for the next operation", together)
                    .isEqualTo(together.name().contains("CANCEL"));
            thing.give.run();
            scenario.advance(SyncScenario.SECOND.multipliedBy(2));
            if (next.failure() == null) {
                thing.give.run();
            } else {
                assertThat(next.failure()).isInstanceOf(WaitTimeoutException.class);
            }
            scenario.assertNothingLeft();
        }
    }
}
