package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.reactor.FairnessModel.Contestant;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Random groups, nested in each other, that come, wake, yield, sleep, change shares and go. */
class GroupFairnessTest {
    private static final int TASKS = 60_000;
    private static final int GROUPS_MAX = 12;
    private static final int TASK_NANOS_MAX = 40_000;

    private final Random random;
    private final FairnessModel model = new FairnessModel();
    private final List<Member> open = new ArrayList<>();
    private SteppedReactor stepped;
    private int ran;
    private boolean draining;
    private Throwable failure;

    /** The slice that runs, by its owner and number. */
    private Member winner;

    private long slice = -1;
    private long sliceNanos;

    GroupFairnessTest(RepetitionInfo repetition) {
        random = new Random(Seeds.next("GroupFairnessTest") + repetition.getCurrentRepetition());
    }

    /** A group, its queue, and its places in the model. */
    private final class Member {
        private final SchedulingGroup group;
        private final Contestant whole;
        private final Contestant own;
        private int offered;
        private int begun;

        /** One in so many tasks is the last for now. */
        private final int patience = (int) Math.pow(10, 0.5 + 3.5 * random.nextDouble());

        Member(SchedulingGroup group, Contestant around) {
            this.group = group;
            this.whole = new Contestant(around, group);
            this.own = new Contestant(whole, null);
        }

        GroupQueue queue() {
            return stepped.reactor().queueOf(group);
        }

        void offer() {
            int number = offered++;
            model.offered(own);
            queue().execute(() -> {
                try {
                    run(number);
                } catch (Throwable e) { // the shard would log it and go on
                    failure = e;
                }
            });
        }

        private void run(int number) {
            assertThat(number).as("the tasks of a group run in their order").isEqualTo(begun++);
            if (winner != this || queue().slices() != slice) {
                winner = this;
                slice = queue().slices();
                sliceNanos = 0;
                model.sliceBegins(own);
            }
            long nanos = random.nextInt(8) == 0 ? 0 : random.nextInt(TASK_NANOS_MAX);
            stepped.clock().advance(Duration.ofNanos(nanos));
            sliceNanos += nanos;
            ran++;
            model.ran(own, nanos, sliceNanos);
            if (!draining) {
                something();
                if (random.nextInt(patience) > 0) {
                    offer(); // a yield
                }
            }
            model.ended(own);
        }
    }

    private Member any() {
        return open.get(random.nextInt(open.size()));
    }

    /** What fibers, here or elsewhere, do now and then. */
    private void something() {
        int dice = random.nextInt(5_000);
        if (dice < 50) {
            any().offer();
        } else if (dice == 50) {
            changeShares(any());
        } else if (dice == 51 && open.size() < GROUPS_MAX) {
            make();
        } else if (dice == 52) {
            close(any());
        }
    }

    private void make() {
        String name = "g" + open.size();
        int shares = 1 + random.nextInt(random.nextBoolean() ? 1000 : 20);
        if (random.nextBoolean()) {
            open.add(new Member(new SchedulingGroup(name, shares), model.top()));
        } else {
            Member outer = any();
            open.add(
                    new Member(
                            outer.group.nested(name + " in " + outer.group, shares), outer.whole));
        }
        open.getLast().offer();
    }

    private void changeShares(Member member) {
        if (member.group != SchedulingGroup.main()) {
            model.sharesChange(member.whole, () -> member.group.shares(1 + random.nextInt(1000)));
        }
    }

    /** What it has to run goes on to its end. */
    private void close(Member member) {
        boolean hasNested = open.stream().anyMatch(m -> m.group.parentOrNull() == member.group);
        if (member.group != SchedulingGroup.main() && !hasNested) {
            member.group.close();
            open.remove(member);
        }
    }

    @RepeatedTest(20)
    void whoeverCompetesGetsByItsShares() throws Throwable {
        SteppedReactor.run(carrier -> {
            stepped = carrier;
            open.add(new Member(SchedulingGroup.main(), model.top()));
            for (int i = 0; i < GROUPS_MAX / 2; i++) {
                make();
            }
            while (ran < TASKS) {
                any().offer();
                int before = ran;
                stepped.turn();
                assertThat(failure).isNull();
                assertThat(ran).as("what is ready runs").isGreaterThan(before);
            }
            draining = true;
            stepped.settle();
            assertThat(failure).isNull();
            assertThat(model.comparisons()).isGreaterThan(TASKS);
            while (open.size() > 1) {
                close(open.get(1 + random.nextInt(open.size() - 1)));
            }
            stepped.settle();
            assertThat(stepped.reactor().groups()).as("all but main are forgotten").hasSize(1);
            assertThat(stepped.reactor().runQueueLength()).isZero();
        });
    }
}
