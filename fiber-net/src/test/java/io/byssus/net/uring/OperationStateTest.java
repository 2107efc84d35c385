package io.byssus.net.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.testing.Seeds;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The life of an operation, beside a kernel that is a few lines long and does what it likes. */
class OperationStateTest {
    private static final int STEPS = 200_000;

    private enum Kind {
        MULTISHOT,
        DECIDED_AT_ONCE,
        ZERO_COPY
    }

    private enum Event {
        MORE,
        LAST,
        RESULT,
        NOTIFICATION,
        CANCEL_MISSED
    }

    /** One operation in the kernel: it reads and writes its memory as long as this is busy. */
    private static final class FakeKernel {
        private final Random random;
        private final ArrayDeque<Event> completions = new ArrayDeque<>();
        private Kind kind;
        private boolean running;
        private boolean owesNotification;

        FakeKernel(Random random) {
            this.random = random;
        }

        void submit(Kind what) {
            assertThat(usesMemory()).as("memory that is still in use").isFalse();
            kind = what;
            running = true;
            if (what == Kind.DECIDED_AT_ONCE) {
                running = false;
                if (random.nextInt(4) == 0) {
                    completions.add(Event.LAST); // it has not taken all
                }
            }
        }

        /** It finds the operation, or has it in its hands at the moment, or it has ended. */
        void cancel() {
            if (!running || random.nextInt(4) == 0) {
                completions.add(Event.CANCEL_MISSED);
            } else {
                end();
            }
        }

        void goOn() {
            if (owesNotification && random.nextBoolean()) {
                owesNotification = false;
                completions.add(Event.NOTIFICATION);
            } else if (running && random.nextInt(3) == 0) {
                end();
            } else if (running && kind == Kind.MULTISHOT) {
                completions.add(Event.MORE);
            }
        }

        private void end() {
            running = false;
            if (kind == Kind.ZERO_COPY && random.nextInt(4) != 0) {
                owesNotification = true;
                completions.add(Event.RESULT);
            } else {
                completions.add(Event.LAST);
            }
        }

        boolean usesMemory() {
            return running || owesNotification;
        }
    }

    @Test
    void memoryIsTheKernelsUntilTheStateIsIdleWhateverHappens() {
        Random random = new Random(Seeds.next("OperationStateTest"));
        FakeKernel kernel = new FakeKernel(random);
        OperationState state = OperationState.IDLE;
        int used = 0;
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (state == OperationState.IDLE && kernel.completions.isEmpty()) {
                        state = submit(kernel, Kind.values()[random.nextInt(3)], state);
                        used++;
                    }
                }
                case 1 -> {
                    if (state == OperationState.IN_FLIGHT) {
                        state = state.cancelled();
                        kernel.cancel();
                    }
                }
                case 2 -> kernel.goOn();
                default -> {
                    while (!kernel.completions.isEmpty()) {
                        state = on(kernel.completions.remove(), state);
                    }
                    if (state == OperationState.QUEUED) {
                        state = state.taken();
                    }
                }
            }
            assertThat(state.isBusy() || !kernel.usesMemory()).as("step %d", step).isTrue();
            if (!kernel.usesMemory() && kernel.completions.isEmpty()) {
                assertThat(state)
                        .as("step %d: nothing is forgotten", step)
                        .matches(s -> s == OperationState.IDLE || s == OperationState.QUEUED);
            }
        }
        assertThat(used).isGreaterThan(STEPS / 100);
    }

    private static OperationState submit(FakeKernel kernel, Kind kind, OperationState state) {
        kernel.submit(kind);
        return kind == Kind.DECIDED_AT_ONCE ? state.queued() : state.submitted();
    }

    private static OperationState on(Event event, OperationState state) {
        return switch (event) {
            case MORE -> state.completed(true);
            case LAST -> state.completed(false);
            case RESULT -> state.completedBeforeNotification();
            case NOTIFICATION -> state.notified();
            case CANCEL_MISSED -> state.cancelMissed();
        };
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsSubmittedTwice(OperationState state) {
        if (state != OperationState.IDLE) {
            assertThatThrownBy(state::submitted)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining(state.name());
            assertThatThrownBy(state::queued).isInstanceOf(AssertionError.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhatIsInFlightIsCancelledAndOnlyOnce(OperationState state) {
        if (state != OperationState.IN_FLIGHT) {
            assertThatThrownBy(state::cancelled).isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void theResultOfAZeroCopySendDoesNotGiveItsMemoryBack() {
        OperationState result = OperationState.CANCELLING.completedBeforeNotification();
        assertThat(result.isBusy()).isTrue();
        assertThatThrownBy(() -> result.completed(false)).isInstanceOf(AssertionError.class);
        assertThat(result.notified()).isEqualTo(OperationState.IDLE);
    }
}
