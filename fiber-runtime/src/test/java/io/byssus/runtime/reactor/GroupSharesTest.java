package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.testing.SteppedReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Groups of fibers that compute share a second of a shard by their shares. */
class GroupSharesTest {
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final long STEP_NANOS = 20_000;
    private static final double TOLERANCE = 0.05;

    /** A slice and what the last operation adds to it. */
    private static final long SLICE_NANOS = 650_000;

    private boolean stopped;
    private final Map<SchedulingGroup, Long> used = new LinkedHashMap<>();

    /** Starts fibers that compute until the test stops them. */
    private void burn(SteppedReactor stepped, SchedulingGroup group, int fibers) {
        used.put(group, 0L);
        Duration step = Duration.ofNanos(STEP_NANOS);
        for (int i = 0; i < fibers; i++) {
            Fiber.startOn(
                    stepped.reactor(),
                    group,
                    group.name() + i,
                    () -> {
                        while (!stopped) {
                            stepped.clock().advance(step);
                            used.merge(group, STEP_NANOS, Long::sum);
                            Fiber.yieldIfNeeded();
                        }
                        return null;
                    });
        }
    }

    private void runFor(SteppedReactor stepped, long nanos) {
        long end = stepped.clock().nanoTime() + nanos;
        while (stepped.clock().nanoTime() < end) {
            stepped.turn();
        }
    }

    private void end(SteppedReactor stepped) {
        stopped = true;
        stepped.settle();
        assertThat(stepped.reactor().counters().fibersLive).isZero();
        assertThat(stepped.reactor().runQueueLength()).isZero();
    }

    /** Each group's part of the time, in thousandths, was {@code expected}. */
    private void assertShares(Map<SchedulingGroup, Double> expected) {
        double sum = used.values().stream().mapToLong(Long::longValue).sum();
        expected.forEach((group, part) ->
                assertThat(used.get(group) / sum)
                        .as("part of %s, of %s", group, used)
                        .isBetween(
                                part * (1 - TOLERANCE) - SLICE_NANOS / sum,
                                part * (1 + TOLERANCE) + SLICE_NANOS / sum));
    }

    @ParameterizedTest
    @CsvSource({
        "100, 1, 100, 1",
        "100, 1, 100, 50",
        "1, 3, 2, 1",
        "1000, 1, 1, 10",
        "300, 2, 100, 7",
        "10, 100, 1000, 1",
        "7, 3, 11, 5",
        "999, 1, 1000, 1",
    })
    void twoGroupsShareASecondByTheirShares(int shares1, int fibers1, int shares2, int fibers2)
            throws Throwable {
        SteppedReactor.run(stepped -> {
            SchedulingGroup first = new SchedulingGroup("first", shares1);
            SchedulingGroup second = new SchedulingGroup("second", shares2);
            burn(stepped, first, fibers1);
            burn(stepped, second, fibers2);
            runFor(stepped, SECOND_NANOS);
            double sum = shares1 + shares2;
            assertShares(Map.of(first, shares1 / sum, second, shares2 / sum));
            for (GroupQueue queue : stepped.reactor().groups()) {
                assertThat(queue.runtimeNanos())
                        .as("what the meters say of %s", queue)
                        .isEqualTo(used.getOrDefault(queue.group(), 0L));
            }
            end(stepped);
        });
    }

    @Test
    void mainGroupHasItsSharesLikeAnyOther() throws Throwable {
        SteppedReactor.run(stepped -> {
            SchedulingGroup background = new SchedulingGroup("background", 100);
            burn(stepped, SchedulingGroup.main(), 3);
            runFor(stepped, SECOND_NANOS / 10); // alone, and not measured
            used.clear();
            burn(stepped, background, 3);
            used.put(SchedulingGroup.main(), 0L);
            runFor(stepped, SECOND_NANOS);
            assertShares(Map.of(SchedulingGroup.main(), 10 / 11.0, background, 1 / 11.0));
            end(stepped);
        });
    }

    @Test
    void manyGroupsShareASecondByTheirShares() throws Throwable {
        SteppedReactor.run(stepped -> {
            Map<SchedulingGroup, Double> expected = new LinkedHashMap<>();
            int count = 20;
            for (int i = 1; i <= count; i++) {
                SchedulingGroup group = new SchedulingGroup("g" + i, i);
                burn(stepped, group, 1 + i % 3);
                expected.put(group, i / (count * (count + 1) / 2.0));
            }
            runFor(stepped, SECOND_NANOS);
            assertShares(expected);
            end(stepped);
        });
    }

    @Test
    void changedSharesCountFromThenOn() throws Throwable {
        SteppedReactor.run(stepped -> {
            SchedulingGroup steady = new SchedulingGroup("steady", 100);
            SchedulingGroup changed = new SchedulingGroup("changed", 100);
            burn(stepped, steady, 2);
            burn(stepped, changed, 2);
            for (int shares : List.of(100, 900, 25)) {
                changed.shares(shares);
                runFor(stepped, SLICE_NANOS * 2); // the slice that runs counts by the new ones
                used.replaceAll((group, nanos) -> 0L);
                runFor(stepped, SECOND_NANOS);
                double sum = 100.0 + shares;
                assertShares(Map.of(steady, 100 / sum, changed, shares / sum));
            }
            end(stepped);
        });
    }

    @Test
    void nestedGroupsShareWhatTheirParentGets() throws Throwable {
        SteppedReactor.run(stepped -> {
            SchedulingGroup a = new SchedulingGroup("a", 300);
            SchedulingGroup b = new SchedulingGroup("b", 100);
            SchedulingGroup a1 = a.nested("a1", 100);
            SchedulingGroup a2 = a.nested("a2", 300);
            SchedulingGroup a21 = a2.nested("a21", 1);
            SchedulingGroup a22 = a2.nested("a22", 2);
            Map<SchedulingGroup, Integer> fibers = new LinkedHashMap<>();
            List.of(a1, a21, b, a22).forEach(group -> fibers.put(group, 1 + fibers.size() * 3));
            fibers.forEach((group, count) -> burn(stepped, group, count));
            runFor(stepped, SECOND_NANOS);
            assertShares(Map.of(b, 0.25, a1, 0.1875, a21, 0.1875, a22, 0.375));
            end(stepped);
        });
    }

    @Test
    void ownFibersCountAsOneMoreNestedGroup() throws Throwable {
        SteppedReactor.run(stepped -> {
            SchedulingGroup outer = new SchedulingGroup("outer", 10);
            SchedulingGroup other = new SchedulingGroup("other", 10);
            burn(stepped, outer, 4);
            burn(stepped, other, 1);
            runFor(stepped, SECOND_NANOS / 10); // the nested one comes while its parent runs
            SchedulingGroup inner = outer.nested("inner", SchedulingGroup.SHARES_DEFAULT / 2);
            burn(stepped, inner, 2);
            runFor(stepped, SLICE_NANOS * 2);
            used.replaceAll((group, nanos) -> 0L);
            runFor(stepped, SECOND_NANOS);
            assertShares(Map.of(other, 1 / 2.0, outer, 1 / 3.0, inner, 1 / 6.0));
            end(stepped);
        });
    }

    @Test
    void whatASleeperDoesNotUseTheOthersGet() throws Throwable {
        SteppedReactor.run(stepped -> {
            SchedulingGroup steady = new SchedulingGroup("steady", 100);
            SchedulingGroup sleeper = new SchedulingGroup("sleeper", 100);
            burn(stepped, steady, 1);
            used.put(sleeper, 0L);
            List<Long> delays = new ArrayList<>();
            Fiber.startOn(
                    stepped.reactor(),
                    sleeper,
                    "sleeper",
                    () -> {
                        while (!stopped) {
                            long due = stepped.clock().nanoTime() + 9_000_000;
                            Fiber.sleep(Duration.ofNanos(9_000_000));
                            delays.add(stepped.clock().nanoTime() - due);
                            for (int i = 0; i < 50; i++) {
                                stepped.clock().advance(Duration.ofNanos(STEP_NANOS));
                                used.merge(sleeper, STEP_NANOS, Long::sum);
                                Fiber.yieldIfNeeded();
                            }
                        }
                        return null;
                    });
            runFor(stepped, SECOND_NANOS);
            double part = used.get(sleeper) / (double) SECOND_NANOS;
            assertThat(part).as("1 ms in every 11 or so").isBetween(0.08, 0.1);
            assertThat(used.get(sleeper) + used.get(steady)).isGreaterThanOrEqualTo(SECOND_NANOS);
            stopped = true;
            stepped.advance(Duration.ofMillis(20));
            end(stepped);
        });
    }
}
