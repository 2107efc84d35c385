package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Any mixture of calls between shards that are stepped in any order: calls in calls, in slots, in
 * scheduling groups, with deadlines, failing, cancelled. No call outlives its caller, and nothing
 * is left of them.
 */
class CallModelTest {
    private static final int SHARDS = 3;
    private static final int CALLERS = 150;
    private static final int SLOTS = 2;
    private static final int DEPTH_MAX = 3;

    private final Random random = new Random(Seeds.next("CallModelTest"));
    private final ManualClock clock = new ManualClock();
    private final List<SteppedReactor> shards = new ArrayList<>();
    private final List<CallInbox> inboxes = new ArrayList<>();

    /** By source, target and depth: as a call group has them. */
    private final CallSlots[][][] slots = new CallSlots[SHARDS][SHARDS][DEPTH_MAX];

    private final List<SchedulingGroup> groups = new ArrayList<>();
    private final List<Fiber<Integer>> callers = new ArrayList<>();

    /** One call, as its caller sees it and as it runs. */
    private static final class Call {
        private boolean awaited = true;
        private boolean running;
    }

    private final List<Call> calls = new ArrayList<>();

    @RepeatedTest(20)
    void noCallOutlivesItsCallerAndNothingIsLeft() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            connect();
            for (int i = 0; i < CALLERS; i++) {
                startCaller(i);
                step();
            }
            settle();
            callers.stream().filter(caller -> random.nextBoolean()).forEach(Fiber::cancel);
            settle();
            groups.forEach(SchedulingGroup::close);
            for (int millis = 0; callers.stream().anyMatch(caller -> !caller.isDone()); millis++) {
                assertThat(millis).as("they come to an end").isLessThan(10_000);
                clock.advance(Duration.ofMillis(1));
                settle();
            }
            checkThatNothingIsLeft();
        });
    }

    private void connect() {
        for (int i = 0; i < SHARDS; i++) {
            shards.add(new SteppedReactor(i, clock));
            inboxes.add(new CallInbox(shards.get(i).reactor()));
        }
        for (int i = 0; i < SHARDS; i++) {
            for (int j = 0; j < SHARDS; j++) {
                if (j != i) {
                    CallRing ring = inboxes.get(i).callsTo(inboxes.get(j));
                    assertThat(inboxes.get(i).ringTo(j)).isSameAs(ring);
                }
                for (int depth = 0; depth < DEPTH_MAX; depth++) {
                    slots[i][j][depth] = new CallSlots("a slot", SLOTS);
                }
            }
            shards.get(i).reactor().messages(inboxes.get(i));
        }
        for (int shares : List.of(1, 100, 1000)) {
            groups.add(new SchedulingGroup("g" + shares, shares));
        }
    }

    private void startCaller(int number) {
        SteppedReactor home = shards.get(random.nextInt(SHARDS));
        home.turn(); // it is the carrier's current one
        SchedulingGroup group =
                random.nextInt(4) == 0
                        ? SchedulingGroup.main()
                        : groups.get(random.nextInt(groups.size()));
        int here = home.reactor().shard();
        callers.add(
                Fiber.startOn(
                        home.reactor(),
                        group,
                        "caller " + number,
                        () -> random.nextInt(3) == 0 ? inTime(here, 0) : call(here, 0)));
    }

    private int inTime(int here, int depth) throws Exception {
        try {
            return Deadline.within(Duration.ofMillis(random.nextInt(20)), () -> call(here, depth));
        } catch (DeadlineExceededException e) {
            return call(here, depth); // a fallback
        }
    }

    private int call(int here, int depth) throws Exception {
        int there = (here + 1 + random.nextInt(SHARDS - 1)) % SHARDS;
        boolean inGroup = random.nextInt(3) == 0;
        Call call = new Call();
        ShardCall<Integer> shardCall =
                new ShardCall<>(
                        inboxes.get(here).ringTo(there),
                        () -> run(call, there, depth),
                        inGroup ? slots[here][there][depth] : null,
                        0);
        try {
            shardCall.send();
            calls.add(call);
            return shardCall.await();
        } catch (IOException e) {
            return 0;
        } finally {
            call.awaited = false;
        }
    }

    private int run(Call call, int here, int depth) throws Exception {
        call.running = true;
        try {
            assertThat(shards.get(here).reactor().isCurrent()).isTrue();
            for (int steps = random.nextInt(4); steps > 0; steps--) {
                work(here, depth);
            }
            return 1;
        } finally {
            call.running = false;
        }
    }

    private void work(int here, int depth) throws Exception {
        switch (random.nextInt(10)) {
            case 0 -> Fiber.yield();
            case 1 -> Fiber.sleep(Duration.ofMillis(random.nextInt(30)));
            case 2 -> throw new IOException("as it happens");
            case 3, 4, 5 -> sleepTooLong();
            case 6 -> assertThat(Fiber.current().name()).isEqualTo("submitTo");
            default -> {
                if (depth + 1 < DEPTH_MAX) {
                    int ignored =
                            random.nextBoolean() ? call(here, depth + 1) : inTime(here, depth + 1);
                    assertThat(ignored).isBetween(0, 1);
                }
            }
        }
    }

    private void sleepTooLong() {
        try {
            Deadline.within(
                    Duration.ofMillis(random.nextInt(10)), () -> Fiber.sleep(Duration.ofDays(1)));
        } catch (DeadlineExceededException e) {
            Fiber.yield();
        }
    }

    /** A few turns of any shards; now and then something happens to a caller. */
    private void step() {
        for (int turns = random.nextInt(4); turns > 0; turns--) {
            if (random.nextInt(4) == 0) {
                clock.advance(Duration.ofMillis(1));
            }
            shards.get(random.nextInt(SHARDS)).turn();
        }
        if (random.nextInt(4) == 0) {
            int latest = callers.size() - 1;
            callers.get(Math.max(latest - random.nextInt(20), 0)).cancel();
        }
        if (random.nextInt(10) == 0) {
            settle();
        }
    }

    /** Until nothing is left to do at this time. */
    private void settle() {
        for (boolean busy = true; busy; ) {
            busy = false;
            for (SteppedReactor shard : shards) {
                busy |= shard.turn();
            }
        }
        assertThat(calls).as("calls whose caller has gone").noneMatch(c -> c.running && !c.awaited);
    }

    private void checkThatNothingIsLeft() {
        for (Fiber<Integer> caller : callers) {
            shards.get(caller.shard()).turn();
            try {
                assertThat(caller.join()).isBetween(0, 1);
            } catch (FiberCancelledException e) {
                assertThat(e).hasMessageContaining("was cancelled");
            }
        }
        settle();
        for (int i = 0; i < SHARDS; i++) {
            SteppedReactor shard = shards.get(i);
            shard.turn();
            assertThat(Fiber.liveOn(shard.reactor())).isEmpty();
            assertThat(shard.reactor().counters().fibersLive).isZero();
            assertThat(shard.reactor().armedTimers()).isZero();
            assertThat(shard.reactor().groups()).as("the main group").hasSize(1);
            assertThat(inboxes.get(i).isEmpty()).isTrue();
            for (CallSlots[] row : slots[i]) {
                assertThat(row).allMatch(s -> s.free() == SLOTS);
            }
        }
    }
}
