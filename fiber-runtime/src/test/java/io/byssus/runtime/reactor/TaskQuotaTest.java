package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskQuotaTest {
    private static final long QUOTA = 500_000;
    private static final int WARM_UP_TURNS = 20;

    private long now = 1_000_000;
    private long readings;
    private final Clock clock =
            () -> {
                readings++;
                return now;
            };
    private final TaskQuota quota = new TaskQuota(clock, QUOTA);

    /** Operations of {@code nanos} each until the quota is used up; returns how long that took. */
    private long turn(long nanos) {
        long start = now;
        quota.begin();
        do {
            now += nanos;
        } while (!quota.count());
        return now - start;
    }

    private long turnOfSteps(long nanos) {
        long start = now;
        quota.begin();
        do {
            now += nanos;
        } while (!quota.countStep());
        return now - start;
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 50, 300, 1_000, 7_000, 40_000, 120_000, 499_999, 2_000_000})
    void turnOfSteadyOperationsLastsAboutItsQuota(long operationNanos) {
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            turn(operationNanos);
        }
        // Counted from the first reading, read every eighth, and one operation is not divided.
        assertThat(turn(operationNanos)).isBetween(QUOTA, QUOTA + QUOTA / 4 + 2 * operationNanos);
    }

    @Test
    void clockIsReadOncePerManyShortOperations() {
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            turn(100);
        }
        long before = readings;
        long operations = turn(100) / 100;
        assertThat(operations).isGreaterThan(4_000);
        assertThat(readings - before).isLessThan(operations / 50);
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 50, 1_000, 40_000, 499_999})
    void turnOfSteadyStepsLastsAboutItsQuota(long stepNanos) {
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            turnOfSteps(stepNanos);
        }
        assertThat(turnOfSteps(stepNanos)).isBetween(QUOTA, QUOTA + QUOTA / 4 + 2 * stepNanos);
    }

    @Test
    void stepsReadTheClockMoreRarelyThanOperations() {
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            turnOfSteps(2);
        }
        long before = readings;
        long steps = turnOfSteps(2) / 2;
        assertThat(readings - before).isLessThan(steps / 200);
    }

    @Test
    void operationsAfterManyStepsAreFoundOutAsIfThereHadBeenNone() {
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            turnOfSteps(2);
        }
        long slowNanos = 5_000;
        assertThat(turn(slowNanos)).isLessThanOrEqualTo(QUOTA + 64 * slowNanos);
    }

    @Test
    void turnOfFewOperationsReadsNoClock() {
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            turn(100);
        }
        long before = readings;
        for (int turn = 0; turn < 100; turn++) {
            quota.begin();
            for (int i = 0; i < 10; i++) {
                assertThat(quota.count()).isFalse();
            }
        }
        assertThat(readings).isEqualTo(before);
    }

    @Test
    void usedUpQuotaStaysSoUntilTheNextTurn() {
        turn(10_000);
        for (int i = 0; i < 200; i++) {
            assertThat(quota.count()).isTrue();
        }
        quota.begin();
        now += 1;
        assertThat(quota.count()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {5_000, 50_000, 500_000})
    void operationsThatBecomeSlowAreFoundOutWithinOneTurn(long slowNanos) {
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            turn(50);
        }
        turn(slowNanos); // reads as rarely as the quick ones allowed
        assertThat(turn(slowNanos)).isLessThanOrEqualTo(QUOTA + QUOTA / 4 + 2 * slowNanos);
    }
}
