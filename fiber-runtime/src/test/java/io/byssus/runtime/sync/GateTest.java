package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import org.junit.jupiter.api.Test;

class GateTest {
    @Test
    void closeRefusesNewcomersAndWaitsForThoseInside() throws Throwable {
        SyncScenario.run(scenario -> {
            Gate gate = new Gate("requests");
            gate.enter();
            gate.enter();
            Attempt closer = scenario.attempt("closer", () -> gate.close());
            assertThat(gate.isClosed()).isTrue();
            assertThatThrownBy(gate::enter)
                    .isInstanceOf(ClosedException.class)
                    .hasMessage("gate 'requests' is closed");
            gate.leave();
            scenario.settle();
            assertThat(closer.isDone()).isFalse();
            assertThat(gate).hasToString("gate 'requests' (closed, 1 inside)");
            gate.leave();
            scenario.settle();
            assertThat(closer.failure()).isNull();
        });
    }

    @Test
    void emptyGateClosesAtOnce() throws Throwable {
        SyncScenario.run(scenario -> {
            Gate gate = new Gate("requests");
            gate.enter();
            gate.leave();
            assertThat(gate).hasToString("gate 'requests' (open, 0 inside)");
            assertThat(scenario.attempt("closer", () -> gate.close()).failure()).isNull();
            assertThat(gate.isClosed()).isTrue();
        });
    }

    @Test
    void holdLeavesOnceWhicheverFiberClosesIt() throws Throwable {
        SyncScenario.run(scenario -> {
            Gate gate = new Gate("requests");
            Hold[] hold = new Hold[1];
            scenario.attempt("entering", () -> hold[0] = gate.hold());
            assertThat(gate.inside()).isEqualTo(1);
            scenario.attempt("leaving", () -> hold[0].close());
            assertThat(gate.inside()).isZero();
            assertThatThrownBy(hold[0]::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("gate 'requests' (open, 0 inside): this hold was closed already");
        });
    }

    @Test
    void closeThatTimesOutOrIsCancelledCanBeCalledAgain() throws Throwable {
        SyncScenario.run(scenario -> {
            Gate gate = new Gate("requests");
            gate.enter();
            Attempt impatient = scenario.attempt("impatient", () -> gate.close(SECOND));
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(impatient.failure())
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessage("timed out in gate 'requests' (closed, 1 inside)");
            assertThat(gate.isClosed()).isTrue();
            Deadline deadline = Deadline.after(SECOND);
            Attempt cancelled = scenario.attempt("cancelled", () -> gate.close(deadline));
            cancelled.cancel();
            scenario.settle();
            assertThat(cancelled.wasCancelled()).isTrue();
            Attempt patient = scenario.attempt("patient", () -> gate.close());
            gate.leave();
            scenario.settle();
            assertThat(patient.failure()).isNull();
        });
    }

    @Test
    void lastToLeaveAtTheDeadlineIsInTime() throws Throwable {
        SyncScenario.run(scenario -> {
            Gate gate = new Gate("requests");
            gate.enter();
            Attempt closer = scenario.attempt("closer", () -> gate.close(SECOND));
            scenario.expireTimers();
            gate.leave();
            scenario.settle();
            assertThat(closer.failure()).isNull();
        });
    }

    @Test
    void refusesDoubleCloseAndLeaveWithoutEnter() throws Throwable {
        SyncScenario.run(scenario -> {
            Gate gate = new Gate("requests");
            assertThatThrownBy(gate::leave)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("gate 'requests': leave without enter");
            gate.enter();
            scenario.attempt("first", () -> gate.close());
            assertThat(scenario.attempt("second", () -> gate.close()).failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("gate 'requests' is being closed already");
            gate.leave();
            assertThatThrownBy(gate::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("gate 'requests' was closed already");
            assertThatThrownBy(() -> new Gate("other").close(SECOND.negated()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("limit=PT-1S: must not be negative");
        });
    }
}
