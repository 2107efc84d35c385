package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of the runnable, held against a list that is searched. */
class ContestTest {
    private static final int STEPS = 200_000;
    private static final int CONTENDERS = 50;
    private static final int NANOS_MAX = 1_000_000;

    /** What the documentation of {@link Contest} says, in the simplest way. */
    private static final class Model {
        private final List<Contender> runnable = new ArrayList<>();
        private final long[] virtualTimes;
        private long least;

        Model(List<Contender> contenders) {
            virtualTimes = contenders.stream().mapToLong(c -> c.virtualTime).toArray();
            least = virtualTimes[0];
        }

        void add(Contender contender, int index) {
            if (virtualTimes[index] - least <= 0) {
                virtualTimes[index] = least - 1;
            }
            runnable.add(contender);
        }

        void charge(int index, long nanos, int shares, List<Contender> all) {
            virtualTimes[index] += Math.max(2, nanos * 1_000 / shares);
            advance(all);
        }

        void remove(Contender contender, List<Contender> all) {
            runnable.remove(contender);
            advance(all);
        }

        private void advance(List<Contender> all) {
            if (!runnable.isEmpty()) {
                long now = virtualTimes[all.indexOf(runnable.getFirst())];
                for (Contender each : runnable) {
                    long time = virtualTimes[all.indexOf(each)];
                    now = time - now < 0 ? time : now;
                }
                least = now - least > 0 ? now : least;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 1_000_000_000_000L})
    void behavesLikeAListThatIsSearchedAlsoWhenTimeOverflows(long start) {
        Random random = new Random(Seeds.next("ContestTest"));
        Contest contest = new Contest(null);
        List<Contender> all = new ArrayList<>();
        List<SchedulingGroup> groups = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            SchedulingGroup group = new SchedulingGroup("g" + i, 1 + random.nextInt(1000));
            groups.add(group);
            Contender contender = new Contender(contest, null, group);
            contender.virtualTime = start;
            all.add(contender);
        }
        Contender first = all.getFirst(); // brings the contest to where the test wants to start
        contest.add(first);
        first.virtualTime = start;
        contest.charge(first, 0);
        contest.remove(first);

        Model model = new Model(all);
        for (int step = 0; step < STEPS; step++) {
            int index = random.nextInt(CONTENDERS);
            Contender any = all.get(index);
            if (!any.isRunnable()) {
                model.add(any, index);
                contest.add(any);
            } else if (random.nextInt(4) == 0) {
                model.remove(any, all);
                contest.remove(any);
            } else {
                Contender winner = contest.first();
                int place = all.indexOf(winner);
                long nanos = random.nextInt(NANOS_MAX);
                model.charge(place, nanos, groups.get(place).shares(), all);
                contest.charge(winner, nanos);
            }
            assertSame(contest, model, all);
        }
    }

    private static void assertSame(Contest contest, Model model, List<Contender> all) {
        if (contest.isEmpty() != model.runnable.isEmpty()) {
            assertThat(contest.isEmpty()).isEqualTo(model.runnable.isEmpty());
        }
        if (contest.isEmpty()) {
            return;
        }
        Contender first = contest.first();
        for (Contender each : model.runnable) {
            long time = model.virtualTimes[all.indexOf(each)];
            if (!each.isRunnable() || time != each.virtualTime || each.isBefore(first)) {
                throw new AssertionError(each + ", in the model " + time + ", first " + first);
            }
        }
    }

    @Test
    void whoeverWakesGoesBeforeTheRunningOneAndGainsNothingElse() {
        Contest contest = new Contest(null);
        Contender busy = new Contender(contest, null, new SchedulingGroup("busy", 10));
        Contender sleeper = new Contender(contest, null, new SchedulingGroup("sleeper", 10));
        contest.add(busy);
        for (int i = 0; i < 1_000; i++) {
            contest.charge(busy, 500_000);
        }
        contest.add(sleeper);
        assertThat(contest.first()).isSameAs(sleeper);
        contest.charge(sleeper, 500_000);
        assertThat(contest.first()).isSameAs(busy);
        contest.charge(busy, 500_000);
        assertThat(contest.first()).as("not a second's worth").isSameAs(sleeper);
    }

    @Test
    void whoeverRanAloneOwesNothingForIt() {
        Contest contest = new Contest(null);
        Contender first = new Contender(contest, null, new SchedulingGroup("first", 1));
        Contender second = new Contender(contest, null, new SchedulingGroup("second", 1));
        contest.add(first);
        contest.charge(first, 1_000_000_000);
        contest.add(second);
        contest.charge(second, 500_000);
        assertThat(contest.first()).isSameAs(first);
    }

    @Test
    void sleepPaysNoDebt() {
        Contest contest = new Contest(null);
        Contender debtor = new Contender(contest, null, new SchedulingGroup("debtor", 1));
        Contender other = new Contender(contest, null, new SchedulingGroup("other", 100));
        contest.add(debtor);
        contest.add(other);
        contest.charge(debtor, 1_000_000);
        contest.remove(debtor);
        contest.add(debtor);
        for (int i = 0; i < 100; i++) {
            assertThat(contest.first()).as("after %d ms", i).isSameAs(other);
            contest.charge(other, 1_000_000);
        }
        contest.charge(other, 1_000);
        assertThat(contest.first()).isSameAs(debtor);
    }
}
