package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import org.junit.jupiter.api.Test;

class LatchTest {
    @Test
    void lastCountLetsAllGoInOrder() throws Throwable {
        SyncScenario.run(scenario -> {
            Latch latch = new Latch("started", 2);
            scenario.attempt("a", () -> latch.await());
            scenario.attempt("b", () -> latch.await(SECOND));
            scenario.attempt("c", () -> latch.await(Deadline.after(SECOND)));
            latch.countDown();
            scenario.settle();
            assertThat(scenario.served).isEmpty();
            assertThat(latch).hasToString("latch 'started' (count 1, 3 wait)");
            latch.countDown();
            scenario.attempt("d", () -> latch.await());
            assertThat(scenario.served).containsExactly("a", "b", "c", "d");
            assertThat(latch.count()).isZero();
        });
    }

    @Test
    void timeoutAndCancellationLeaveTheCount() throws Throwable {
        SyncScenario.run(scenario -> {
            Latch latch = new Latch("started", 1);
            Attempt late = scenario.attempt("late", () -> latch.await(SECOND));
            Attempt cancelled = scenario.attempt("cancelled", () -> latch.await());
            cancelled.cancel();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(late.failure()).isInstanceOf(WaitTimeoutException.class);
            assertThat(cancelled.wasCancelled()).isTrue();
            Attempt inTime = scenario.attempt("in time", () -> latch.await(SECOND));
            scenario.expireTimers();
            latch.countDown();
            scenario.settle();
            assertThat(inTime.failure()).isNull();
        });
    }

    @Test
    void refusesWhatCannotBe() throws Throwable {
        SyncScenario.run(scenario -> {
            assertThatThrownBy(() -> new Latch("started", -1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("count=-1: must not be negative");
            Latch open = new Latch("started", 0);
            open.await();
            assertThatThrownBy(open::countDown)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("latch 'started': its count is zero already");
            assertThatThrownBy(() -> open.await(SECOND.negated()))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }
}
