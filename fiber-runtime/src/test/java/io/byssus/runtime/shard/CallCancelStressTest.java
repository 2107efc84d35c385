package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.AbortedException;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberAction;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.Parallel;
import io.byssus.testing.Eventually;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two shards call each other, and what calls is stopped in every way and at any moment: before it
 * has a slot, on the way, as the call begins, as its answer comes. Nothing is left, no call goes on
 * whose caller is gone, and none is stopped for another's sake.
 */
@Timeout(120)
class CallCancelStressTest {
    private static final int ROUNDS = 4_000;
    private static final int AT_A_TIME = 16;
    private static final int SLOTS = 3;
    private static final int MICROS_MAX = 300;
    private static final Duration LONG = Duration.ofDays(1);

    /** Calls that have begun and not ended. */
    private final AtomicInteger running = new AtomicInteger();

    private final AtomicInteger stopped = new AtomicInteger();
    private final AtomicInteger returned = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
    private Shards shards;
    private CallGroup group;

    /** What stops the caller. */
    private enum Means {
        DEADLINE(DeadlineExceededException.class) {
            @Override
            void run(CallCancelStressTest test, Duration limit, FiberAction<Exception> body)
                    throws Exception {
                Deadline.within(limit, body);
            }
        },
        TWO_DEADLINES(DeadlineExceededException.class) {
            @Override
            void run(CallCancelStressTest test, Duration limit, FiberAction<Exception> body)
                    throws Exception {
                Deadline.within(limit, () -> Deadline.within(limit.multipliedBy(2), body));
            }
        },
        ABORT_HERE(AbortedException.class) {
            @Override
            void run(CallCancelStressTest test, Duration limit, FiberAction<Exception> body)
                    throws Exception {
                AbortSource source = new AbortSource("source");
                Fiber<Void> aborter =
                        Fiber.start(
                                "aborter",
                                () -> {
                                    Fiber.sleep(limit);
                                    source.abort();
                                });
                source.run(body);
                aborter.join();
            }
        },
        ABORT_FROM_THE_OTHER_SHARD(AbortedException.class) {
            @Override
            void run(CallCancelStressTest test, Duration limit, FiberAction<Exception> body)
                    throws Exception {
                AbortSource source = new AbortSource("source");
                test.shards.spawn(
                        1 - Shard.current().id(),
                        "aborter",
                        () -> {
                            Fiber.sleep(limit);
                            return source.abort();
                        });
                source.run(body);
            }
        },
        CANCEL(FiberCancelledException.class) {
            @Override
            void run(CallCancelStressTest test, Duration limit, FiberAction<Exception> body)
                    throws Exception {
                Fiber<?> self = Fiber.current();
                Fiber<Void> canceller =
                        Fiber.start(
                                "canceller",
                                () -> {
                                    Fiber.sleep(limit);
                                    self.cancel();
                                });
                body.run();
                canceller.cancel();
            }
        };

        private final Class<? extends Exception> thrown;

        Means(Class<? extends Exception> thrown) {
            this.thrown = thrown;
        }

        abstract void run(CallCancelStressTest test, Duration limit, FiberAction<Exception> body)
                throws Exception;
    }

    /** How the other shard is called. */
    private enum Call {
        PLAIN {
            @Override
            int run(CallCancelStressTest test, int other, int answer, Duration time) {
                return test.shards.submitTo(other, test.fresh(() -> test.work(answer, time)));
            }
        },
        IN_A_GROUP {
            @Override
            int run(CallCancelStressTest test, int other, int answer, Duration time) {
                return test.shards.submitTo(
                        other, test.group, test.fresh(() -> test.work(answer, time)));
            }
        },
        AND_BACK {
            @Override
            int run(CallCancelStressTest test, int other, int answer, Duration time) {
                return test.shards.submitTo(
                        other,
                        test.group,
                        () ->
                                test.shards.submitTo(
                                        1 - other,
                                        test.group,
                                        test.fresh(() -> test.work(answer, time))));
            }
        },
        WITH_A_LIMIT_OF_ITS_OWN {
            @Override
            int run(CallCancelStressTest test, int other, int answer, Duration time) {
                return test.shards.submitTo(other, test.fresh(() -> test.workInTime(answer, time)));
            }
        },
        EVERYWHERE {
            @Override
            int run(CallCancelStressTest test, int other, int answer, Duration time) {
                List<Integer> answers = test.shards.map(() -> test.work(answer, time));
                assertThat(answers).containsExactly(answer, answer);
                return answer;
            }
        };

        abstract int run(CallCancelStressTest test, int other, int answer, Duration time);
    }

    /** As the other shard is called. */
    private <T> ShardFunction<T, RuntimeException> fresh(ShardFunction<T, RuntimeException> call) {
        return () -> {
            if (Thread.currentThread().isInterrupted()) {
                complaints.add("a call began as an interrupted one");
            }
            return call.call();
        };
    }

    private int work(int answer, Duration time) {
        running.incrementAndGet();
        try {
            Fiber.sleep(time);
            return answer;
        } finally {
            running.decrementAndGet();
        }
    }

    /** Its own time is over again and again; only its caller ends that. */
    private int workInTime(int answer, Duration time) {
        while (true) {
            try {
                return Deadline.within(
                        Duration.ofNanos(MICROS_MAX * 500L), () -> work(answer, time));
            } catch (DeadlineExceededException e) {
                Fiber.yieldIfNeeded();
            }
        }
    }

    @BeforeEach
    void start() {
        shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
        group = shards.callGroup("group", SLOTS);
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @Test
    void whateverStopsACallAtWhateverMomentNothingIsLeft() throws Exception {
        SplittableRandom seeds = new SplittableRandom(Seeds.next("CallCancelStressTest"));
        SplittableRandom[] randoms = {seeds.split(), seeds.split()};
        shards.onEach(() -> {
            SplittableRandom random = randoms[Shard.current().id()];
            List<SplittableRandom> rounds =
                    Stream.generate(random::split).limit(ROUNDS / 2).toList();
            Parallel.forEach(rounds, AT_A_TIME, this::round);
        });
        assertThat(complaints).isEmpty();
        for (Shard shard : shards.all()) {
            Eventually.until(() -> leftOn(shard));
        }
        assertThat(stopped).as("stopped").hasValueGreaterThan(ROUNDS / 10);
        assertThat(returned).as("came in time").hasValueGreaterThan(ROUNDS / 10);
        assertThat(stopped.get() + returned.get()).isEqualTo(ROUNDS);
    }

    /** On a fiber of its own. */
    private void round(SplittableRandom random) {
        Means means = Means.values()[random.nextInt(Means.values().length)];
        Call call = Call.values()[random.nextInt(Call.values().length)];
        Duration limit = micros(random);
        Duration time = random.nextInt(3) == 0 ? LONG : micros(random);
        int answer = random.nextInt();
        try {
            means.run(
                    this,
                    limit,
                    () -> {
                        int got = call.run(this, 1 - Shard.current().id(), answer, time);
                        if (got != answer) {
                            complaints.add(call + " answered " + got + " instead of " + answer);
                        }
                    });
            returned.incrementAndGet();
            if (time.equals(LONG)) {
                complaints.add(means + " " + call + ": a day has passed");
            }
        } catch (Exception e) {
            stopped.incrementAndGet();
            if (e.getClass() != means.thrown) {
                complaints.add(means + " " + call + ": " + e);
            }
        }
    }

    private static Duration micros(SplittableRandom random) {
        return Duration.ofNanos(random.nextLong(MICROS_MAX) * 1000);
    }

    private String leftOn(Shard shard) {
        return shards.submitTo(
                shard.id(),
                () -> {
                    int fibers = Fiber.liveOn(shard.reactor()).size() - 1; // this one
                    int timers = shard.reactor().armedTimers();
                    int free = group.slots(shard.id(), 1 - shard.id(), 0).free();
                    int nested = group.slots(shard.id(), 1 - shard.id(), 1).free();
                    return fibers + timers + running.get() == 0 && free + nested == 2 * SLOTS
                            ? ""
                            : "%s: %d fibers, %d timers, %d and %d slots, %d calls run"
                                    .formatted(shard, fibers, timers, free, nested, running.get());
                });
    }
}
