package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberFailedException;
import io.byssus.runtime.shard.FiberTree.Ending;
import io.byssus.testing.Eventually;
import io.byssus.testing.Seeds;
import io.byssus.testing.SoakLength;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random trees of fibers that start, join and cancel each other, call the other shard, sleep and
 * use the blocking pool, against the results that {@link FiberTree} predicts.
 */
@Tag("soak")
class FiberTreeSoakTest {
    private static final int ROOTS = 20;
    private static final int DEPTH = 5;
    private static final Duration LONG = Duration.ofDays(1);

    /** What {@code liveOn} finds when it is asked by {@code submitTo}: the asking fiber. */
    private static final int ASKING = 1;

    private final AtomicLong nodes = new AtomicLong();
    private Shards shards;

    /** How a node fails when it is to. */
    private static final class PlannedFailure extends Exception {
        private static final long serialVersionUID = 1L;
        private final long sum;

        PlannedFailure(long sum) {
            super("planned", null, false, false);
            this.sum = sum;
        }
    }

    /** A child that was not joined yet, and after how many more steps it will be. */
    private static final class Running {
        private final Fiber<Long> fiber;
        private final FiberTree plan;
        private int stepsLeft;

        Running(Fiber<Long> fiber, FiberTree plan, int stepsLeft) {
            this.fiber = fiber;
            this.plan = plan;
            this.stepsLeft = stepsLeft;
        }
    }

    @BeforeEach
    void start() {
        shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @Test
    @Timeout(600)
    void treesOfFibersAddUpToWhatTheModelSays() throws Exception {
        SplittableRandom random = new SplittableRandom(Seeds.next("FiberTreeSoakTest"));
        SoakLength soak = SoakLength.start();
        long rounds = 0;
        while (soak.goesOn()) {
            List<FiberTree> roots = new ArrayList<>();
            for (int i = 0; i < ROOTS; i++) {
                roots.add(FiberTree.random(random, DEPTH));
            }
            shards.onEach(() -> {
                List<Running> running = new ArrayList<>();
                roots.forEach(root -> running.add(start(root, 0)));
                for (Running root : running) {
                    assertThat(concludedSum(root)).isIn(root.plan.sum(), 0L);
                }
            });
            shards.all().forEach(shard -> Eventually.until(() -> leftOn(shard, false)));
            rounds++;
        }
        // Failures are looked after by a timer of a second.
        shards.all().forEach(shard -> Eventually.until(() -> leftOn(shard, true)));
        System.out.println("FiberTreeSoakTest: " + rounds + " rounds, " + nodes + " fibers");
    }

    /** What is left on {@code shard}; not a timer when {@code timers} are not asked for. */
    private String leftOn(Shard shard, boolean timers) {
        return shards.submitTo(
                shard.id(),
                () -> {
                    List<Fiber<?>> live = Fiber.liveOn(shard.reactor());
                    int armed = timers ? shard.reactor().armedTimers() : 0;
                    return live.size() == ASKING && armed == 0
                            ? ""
                            : shard + " has " + live + " and " + armed + " timers";
                });
    }

    private Running start(FiberTree plan, int stepsLater) {
        return new Running(Fiber.start("node", () -> run(plan)), plan, stepsLater);
    }

    private long run(FiberTree plan) throws Exception {
        nodes.incrementAndGet();
        Shard home = Shard.current();
        List<Running> children = new ArrayList<>();
        try {
            long sum = plan.value();
            for (FiberTree.Step step : plan.steps()) {
                sum += take(step, children);
                sum += joinThoseThatAreDue(children);
                assertThat(Shard.current()).isSameAs(home);
            }
            while (!children.isEmpty()) {
                sum += concludedSum(children.removeFirst());
            }
            return end(plan.ending(), sum);
        } finally {
            children.forEach(child -> giveUp(child.fiber));
        }
    }

    private static long end(Ending ending, long sum) throws PlannedFailure {
        switch (ending) {
            case RESULT -> {
                return sum;
            }
            case FAILURE -> throw new PlannedFailure(sum);
            case CANCELLED -> Fiber.sleep(LONG);
        }
        throw new AssertionError("slept for a day");
    }

    /** What the step adds to the sum. */
    private long take(FiberTree.Step step, List<Running> children) throws Exception {
        switch (step) {
            case FiberTree.Sleep(long micros) -> Fiber.sleep(Duration.ofNanos(micros * 1000));
            case FiberTree.Yield() -> Thread.yield();
            case FiberTree.Start(FiberTree child, int later) -> children.add(start(child, later));
            case FiberTree.Remote(FiberTree node) -> {
                return remoteSum(node);
            }
            case FiberTree.Block(long value, long micros) -> {
                return Blocking.call(() -> {
                    LockSupport.parkNanos(micros * 1000);
                    return value;
                });
            }
        }
        return 0;
    }

    private long remoteSum(FiberTree node) throws Exception {
        try {
            long sum = shards.submitTo(1 - Shard.current().id(), () -> run(node));
            assertThat(node.ending()).isEqualTo(Ending.RESULT);
            return checked(node, sum);
        } catch (PlannedFailure e) {
            assertThat(node.ending()).isEqualTo(Ending.FAILURE);
            return checked(node, e.sum);
        }
    }

    private static long joinThoseThatAreDue(List<Running> children) {
        long sum = 0;
        for (Iterator<Running> i = children.iterator(); i.hasNext(); ) {
            Running child = i.next();
            if (child.stepsLeft-- == 0) {
                i.remove();
                sum += concludedSum(child);
            }
        }
        return sum;
    }

    /** Ends a child as planned and waits for it; what it adds to the sum. */
    private static long concludedSum(Running child) {
        if (child.plan.ending() == Ending.CANCELLED) {
            child.fiber.cancel();
        }
        try {
            long sum = child.fiber.join();
            assertThat(child.plan.ending()).isEqualTo(Ending.RESULT);
            return checked(child.plan, sum);
        } catch (FiberFailedException e) {
            if (!(e.getCause() instanceof PlannedFailure failure)) {
                throw e;
            }
            assertThat(child.plan.ending()).isEqualTo(Ending.FAILURE);
            return checked(child.plan, failure.sum);
        } catch (FiberCancelledException e) {
            if (!child.fiber.isDone()) { // it is the caller that is cancelled
                giveUp(child.fiber);
                throw e;
            }
            assertThat(child.plan.ending()).isEqualTo(Ending.CANCELLED);
            return 0;
        }
    }

    private static long checked(FiberTree plan, long sum) {
        assertThat(sum).as("sum of %s", plan).isEqualTo(plan.sum());
        return sum;
    }

    /** Cancels a child and waits for its end, whoever cancels the caller meanwhile. */
    private static void giveUp(Fiber<Long> child) {
        child.cancel();
        do {
            try {
                child.join();
            } catch (FiberCancelledException | FiberFailedException e) {
                assert e != null : "that it ends is all that is asked for";
            }
        } while (!child.isDone());
    }
}
