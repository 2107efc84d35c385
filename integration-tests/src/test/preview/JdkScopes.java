import io.byssus.runtime.Byssus;
import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.AbortedException;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.StructuredTaskScope.Subtask;

/**
 * Byssus beside the JDK's {@link StructuredTaskScope}, which is a preview: compiled and run by
 * {@code StructuredTaskScopeTest}. Prints the name of each case that went well.
 */
public final class JdkScopes {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration SHORT = Duration.ofMillis(30);
    private static final ScopedValue<String> USER = ScopedValue.newInstance();

    private static final List<String> events = new ArrayList<>();

    private JdkScopes() {}

    public static void main(String[] args) {
        Byssus.run(args, shards -> {
            for (int shard = 0; shard < 2; shard++) {
                shards.submitTo(
                        shard,
                        () -> {
                            run("forks run on the shard", JdkScopes::forksRunOnTheShard);
                            run("cancellation reaches forks", JdkScopes::cancellationReachesForks);
                            run("deadline reaches forks", JdkScopes::deadlineReachesForks);
                            run("abort reaches forks", JdkScopes::abortReachesForks);
                            run("forks have deadlines", JdkScopes::forksHaveDeadlines);
                            run("forks have scopes", JdkScopes::forksHaveScopes);
                            run("fork's timeout reaches fibers", JdkScopes::timeoutReachesFibers);
                            run("scoped values reach forks only", JdkScopes::scopedValues);
                            return null;
                        });
            }
        });
    }

    private static void run(String name, FiberTask test) throws Exception {
        events.clear();
        Fiber.start(name, test).join();
        int live = Fiber.liveOn(Shard.current().reactor()).size();
        int timers = Shard.current().reactor().armedTimers();
        expect(live == 1 && timers == 0, live + " fibers, " + timers + " timers after " + name);
        System.out.println(name);
    }

    private static void expect(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what + " " + events);
        }
    }

    /** Waits for a day, and notes that it was not let. */
    private static void sleep(String name) {
        try {
            Fiber.sleep(LONG);
        } catch (FiberCancelledException e) {
            events.add(name);
            throw e;
        }
    }

    private static void forkTwoSleepersAndJoin() throws InterruptedException {
        try (var forks = StructuredTaskScope.open()) {
            forks.fork(() -> sleep("a"));
            forks.fork(() -> sleep("b"));
            forks.join();
        }
    }

    private static void forksRunOnTheShard() throws InterruptedException {
        int shard = Shard.current().id();
        try (var forks = StructuredTaskScope.open()) {
            Subtask<Integer> id = forks.fork(() -> Shard.current().id());
            Subtask<Boolean> plain = forks.fork(() -> Fiber.currentOrNull() == null);
            forks.join();
            expect(id.get() == shard && plain.get(), "forks on shard " + shard);
        }
    }

    private static void cancellationReachesForks() {
        try (Scope scope = Scope.open("around")) {
            Fiber<Void> owner = scope.start("owner", JdkScopes::forkTwoSleepersAndJoin);
            Fiber.sleep(SHORT);
            scope.cancel();
            scope.join();
            expect(owner.isDone() && events.size() == 2, "both cancelled");
        }
    }

    private static void deadlineReachesForks() throws InterruptedException {
        try {
            Deadline.within(SHORT, JdkScopes::forkTwoSleepersAndJoin);
            expect(false, "stopped");
        } catch (DeadlineExceededException e) {
            expect(events.size() == 2, "both cancelled");
        }
    }

    private static void abortReachesForks() throws InterruptedException {
        AbortSource source = new AbortSource("source");
        Fiber.start(
                "aborter",
                () -> {
                    Fiber.sleep(SHORT);
                    source.abort();
                });
        try {
            source.run(JdkScopes::forkTwoSleepersAndJoin);
            expect(false, "stopped");
        } catch (AbortedException e) {
            expect(e.source() == source && events.size() == 2, "both cancelled");
        }
    }

    private static void forksHaveDeadlines() throws InterruptedException {
        try (var forks = StructuredTaskScope.open(Joiner.awaitAll())) {
            Subtask<Object> late = forks.fork(() -> Deadline.within(SHORT, () -> sleep("late")));
            Subtask<String> nested =
                    forks.fork(() -> {
                        try {
                            Deadline.within(LONG, () -> Deadline.within(SHORT, () -> sleep("x")));
                            return "slept";
                        } catch (DeadlineExceededException e) {
                            return "stopped";
                        }
                    });
            forks.join();
            expect(late.exception() instanceof DeadlineExceededException, "late");
            expect(nested.get().equals("stopped"), "nested");
        }
    }

    private static void forksHaveScopes() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        try (var forks = StructuredTaskScope.open()) {
            forks.fork(() -> {
                try (Scope scope = Scope.open("in a fork")) {
                    scope.start("a", () -> sleep("a"));
                    scope.start("b", () -> sleep("b"));
                    started.countDown();
                    scope.join();
                }
            });
            forks.fork(() -> {
                started.await();
                throw new IOException("failed");
            });
            forks.join();
            expect(false, "failed");
        } catch (StructuredTaskScope.FailedException e) {
            expect(e.getCause() instanceof IOException && events.size() == 2, "both cancelled");
        }
    }

    private static void timeoutReachesFibers() throws InterruptedException {
        try (var forks =
                StructuredTaskScope.open(
                        Joiner.awaitAll(), options -> options.withTimeout(SHORT))) {
            forks.fork(() -> {
                try (Scope scope = Scope.open("in a fork")) {
                    scope.start("a", () -> sleep("a"));
                    scope.join();
                }
            });
            forks.join();
            expect(false, "timed out");
        } catch (StructuredTaskScope.TimeoutException e) {
            expect(events.size() == 1, "cancelled");
        }
    }

    private static void scopedValues() throws Exception {
        ScopedValue.where(USER, "ada")
                .call(() -> {
                    try (var forks = StructuredTaskScope.open();
                            Scope scope = Scope.open("beside")) {
                        Subtask<String> fork = forks.fork(() -> USER.orElse("nobody"));
                        Fiber<String> fiber = scope.start("f", () -> USER.orElse("nobody"));
                        forks.join();
                        scope.join();
                        expect(fork.get().equals("ada"), "fork");
                        expect(fiber.join().equals("nobody"), "fiber");
                    }
                    return null;
                });
    }
}
