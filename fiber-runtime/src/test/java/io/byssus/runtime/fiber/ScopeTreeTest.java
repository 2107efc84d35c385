package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.testing.Seeds;
import io.byssus.testing.SoakLength;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random trees of scopes with random deadlines, aborts, cancellations and failures, under a manual
 * clock. Each fiber is accompanied by a {@link Model} that knows what may stop it and what must:
 * each exception is explained by one of the causes, each cause is seen once, by the boundary that
 * it belongs to. In the end there are no fibers and no timers.
 */
class ScopeTreeTest {
    private static final int DEPTH = 5;
    private static final int ROOTS = 4;
    private static final int SOURCES = 3;
    private static final int TREES = 300;
    private static final Duration STEP = Duration.ofMillis(1);
    private static final int STEPS_MAX = 100_000;

    /** log2 of the timer wheel's tick: timers fire at the first of these after their deadline. */
    private static final int TICK_SHIFT = 16;

    private static final long FLUSH_MILLIS = 5_000;

    private final Logger logger = Logger.getLogger("io.byssus");
    private final Level level = logger.getLevel();
    private SteppedReactor stepped;
    private final AbortSource[] sources = new AbortSource[SOURCES];
    private final List<AssertionError> violations = new ArrayList<>();
    private long fibers;
    private long stops;

    private static final class PlannedFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PlannedFailure() {
            super("planned", null, false, false);
        }
    }

    /** A part of a fiber that can be stopped, and whether that was seen already. */
    private static final class Frame {
        /** Whether it had expired at a time. */
        private final LongPredicate expiredAt;

        private boolean spent;

        Frame(LongPredicate expiredAt) {
            this.expiredAt = expiredAt;
        }
    }

    /** What is known of a fiber. */
    private final class Model {
        /** Where it belongs; null for a root. */
        private final Scope scope;

        private final Deque<Frame> frames = new ArrayDeque<>(); // innermost first
        private boolean cancelRequested;
        private boolean cancelSpent;

        /** A cancellation that is under way, and the frame that is to handle it; or none does. */
        private FiberCancelledException flying;

        private Frame destination;

        Model(Scope scope) {
            this.scope = scope;
            fibers++;
        }

        private boolean isCancelled() {
            return !cancelSpent && (scope == null ? cancelRequested : scope.isCancelled());
        }

        private boolean mustStop(long nanos) {
            return frames.stream().anyMatch(f -> !f.spent && f.expiredAt.test(nanos));
        }

        /** A wait of one kind or another. */
        void park(FiberAction<RuntimeException> wait) {
            try {
                wait.run();
            } catch (FiberCancelledException e) {
                stopped(e);
                throw e;
            }
        }

        void sleep(int millis) {
            boolean must = isCancelled() || mustStop(now());
            park(() -> Fiber.sleep(Duration.ofMillis(millis)));
            assertThat(must).as("it should have been stopped before it slept").isFalse();
            assertThat(mustStop(now() - STEP.toNanos()))
                    .as("it should have been stopped while it slept")
                    .isFalse();
        }

        private void stopped(FiberCancelledException e) {
            stops++;
            flying = e;
            destination = null;
            boolean explained = false;
            for (Frame frame : frames) {
                if (!frame.spent && frame.expiredAt.test(now())) {
                    frame.spent = true;
                    destination = frame;
                    explained = true;
                }
            }
            if (isCancelled()) {
                cancelSpent = true;
                destination = null;
                explained = true;
            }
            assertThat(explained).as("there is a cause for: %s", e).isTrue();
        }

        /** An exception comes out of {@code frame} as that frame's own. */
        void arrived(Frame frame, Throwable stopped) {
            assertThat(destination).as("what was on its way to").isSameAs(frame);
            assertThat(stopped).isSameAs(flying);
            flying = null;
        }

        void passes(Frame frame, FiberCancelledException e) {
            assertThat(e).isSameAs(flying);
            assertThat(destination).as("passed by where it was to go").isNotSameAs(frame);
        }
    }

    private long now() {
        return stepped.clock().nanoTime();
    }

    private static boolean firedAt(long deadlineNanos, long nanos) {
        return ((deadlineNanos - 1) >>> TICK_SHIFT) + 1 <= nanos >>> TICK_SHIFT;
    }

    /** Much fails here, and some of that is nobody's to join. */
    @BeforeEach
    void silence() {
        ShardLog.start(); // or else its queue stays full for the next test
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void hearAgain() throws InterruptedException {
        ShardLog.flush(FLUSH_MILLIS);
        logger.setLevel(level);
    }

    @Test
    void everyOutcomeIsExplained() throws Throwable {
        SplittableRandom random = new SplittableRandom(Seeds.next("ScopeTreeTest"));
        for (int i = 0; i < TREES; i++) {
            runTrees(random.split());
        }
    }

    @Test
    @Tag("soak")
    @Timeout(600)
    void everyOutcomeIsExplainedForLong() throws Throwable {
        SplittableRandom random = new SplittableRandom(Seeds.next("ScopeTreeTest"));
        for (SoakLength soak = SoakLength.start(); soak.goesOn(); ) {
            runTrees(random.split());
        }
        System.out.println("ScopeTreeTest: " + fibers + " fibers, " + stops + " stopped waits");
    }

    private void runTrees(SplittableRandom random) throws Throwable {
        SteppedReactor.run(reactor -> {
            stepped = reactor;
            for (int i = 0; i < SOURCES; i++) {
                sources[i] = new AbortSource("source " + i);
            }
            List<Model> models = new ArrayList<>();
            List<Fiber<Void>> roots = new ArrayList<>();
            for (int i = 0; i < ROOTS; i++) {
                ScopeTree tree = ScopeTree.random(random, DEPTH, SOURCES);
                Model model = new Model(null);
                models.add(model);
                roots.add(reactor.start("root", () -> runFiber(tree, model)));
            }
            for (int step = 0; !roots.stream().allMatch(Fiber::isDone); step++) {
                assertThat(step).as("steps").isLessThan(STEPS_MAX);
                interfere(random, roots, models);
                reactor.advance(STEP);
            }
            assertThat(violations).isEmpty();
            roots.forEach(ScopeTreeTest::assertEndedAsPlanned);
            reactor.advance(Duration.ofSeconds(2)); // what failed has been looked after
            assertThat(Fiber.liveOn(reactor.reactor())).isEmpty();
            assertThat(reactor.reactor().armedTimers()).isZero();
        });
    }

    /** Something happens from outside, now and then. */
    private void interfere(SplittableRandom random, List<Fiber<Void>> roots, List<Model> models) {
        int dice = random.nextInt(200);
        if (dice < 2) {
            sources[random.nextInt(SOURCES)].abort();
        } else if (dice < 4) {
            int root = random.nextInt(ROOTS);
            if (!models.get(root).cancelRequested) {
                models.get(root).cancelRequested = true;
                roots.get(root).cancel();
            }
        }
    }

    private static void assertEndedAsPlanned(Fiber<?> fiber) {
        try {
            fiber.join();
        } catch (FiberFailedException e) {
            assertPlanned(e.getCause());
        } catch (FiberCancelledException e) {
            assertThat(e).hasMessageContaining("was cancelled");
        }
    }

    /** Nothing fails but for these reasons. */
    private static void assertPlanned(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof FiberFailedException) {
            cause = cause.getCause();
        }
        assertThat(cause)
                .isInstanceOfAny(
                        PlannedFailure.class,
                        DeadlineExceededException.class,
                        AbortedException.class);
    }

    private void runFiber(ScopeTree tree, Model model) {
        try {
            run(tree, model);
        } catch (FiberCancelledException e) {
            if (e != model.flying || model.destination != null) {
                violations.add(new AssertionError("ends with what is not its own", e));
            }
            throw e;
        } catch (AssertionError e) {
            violations.add(e); // a scope may have no use for this fiber's failure
            throw e;
        }
    }

    private void run(ScopeTree tree, Model model) {
        switch (tree) {
            case ScopeTree.Sleep(int millis) -> model.sleep(millis);
            case ScopeTree.Fail() -> throw new PlannedFailure();
            case ScopeTree.Sequence(List<ScopeTree> steps) ->
                    steps.forEach(step -> run(step, model));
            case ScopeTree.Limited limited -> runLimited(limited, model);
            case ScopeTree.Abortable abortable -> runAbortable(abortable, model);
            case ScopeTree.Tidy(ScopeTree body, int millis) -> {
                try {
                    run(body, model);
                } finally {
                    model.sleep(millis);
                }
            }
            case ScopeTree.Group group -> runGroup(group, model);
        }
    }

    private void runLimited(ScopeTree.Limited limited, Model model) {
        Deadline deadline = Deadline.after(Duration.ofMillis(limited.millis()));
        Frame frame = new Frame(nanos -> firedAt(deadline.nanos(), nanos));
        try {
            deadline.run(() -> runInside(frame, limited.body(), model));
        } catch (DeadlineExceededException e) {
            if (e.deadline() == deadline) {
                model.arrived(frame, e.getCause());
            }
            if (!limited.handled()) {
                throw e;
            }
        } catch (FiberCancelledException e) {
            model.passes(frame, e);
            throw e;
        }
    }

    private void runAbortable(ScopeTree.Abortable abortable, Model model) {
        AbortSource source = sources[abortable.source()];
        Frame frame = new Frame(nanos -> source.isAborted());
        boolean[] left = new boolean[1];
        try {
            source.run(() -> {
                try {
                    runInside(frame, abortable.body(), model);
                } catch (AbortedException e) {
                    left[0] = true; // an inner one of the same source, not handled there
                    throw e;
                }
            });
        } catch (AbortedException e) {
            if (!left[0]) {
                model.arrived(frame, e.getSuppressed()[0]);
            }
            if (!abortable.handled()) {
                throw e;
            }
        } catch (FiberCancelledException e) {
            model.passes(frame, e);
            throw e;
        }
    }

    private void runInside(Frame frame, ScopeTree body, Model model) {
        model.frames.push(frame);
        try {
            run(body, model);
        } finally {
            assertThat(model.frames.pop()).isSameAs(frame);
        }
    }

    private void runGroup(ScopeTree.Group group, Model model) {
        Deadline deadline =
                group.millis() == 0
                        ? Deadline.NONE
                        : Deadline.after(Duration.ofMillis(group.millis()));
        List<Fiber<?>> children = new ArrayList<>();
        try (Scope scope = Scope.open("group", group.policy(), deadline)) {
            for (ScopeTree tree : group.children()) {
                Model child = new Model(scope);
                children.add(scope.start("child", () -> runFiber(tree, child)));
            }
            if (group.joined()) {
                join(scope, model);
                assertThat(children).as("after a join").allMatch(Fiber::isDone);
            }
        } catch (FiberFailedException e) {
            assertPlanned(e);
            throw e;
        } catch (DeadlineExceededException e) {
            assertThat(e.deadline()).isSameAs(deadline);
            assertThat(firedAt(deadline.nanos(), now())).isTrue();
            throw e;
        } finally {
            assertThat(children).as("after the scope").allMatch(Fiber::isDone);
        }
    }

    private static void join(Scope scope, Model model) {
        model.park(() -> {
            try {
                scope.join();
            } catch (FiberCancelledException e) {
                if (e.getMessage().startsWith("no fiber of scope")) {
                    throw new PlannedFailure();
                }
                throw e;
            }
        });
    }
}
