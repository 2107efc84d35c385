package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A failure is handed to a joiner, or logged; once, and never lost. */
class UnjoinedFailuresTest {
    private static final Duration GRACE = Duration.ofNanos(UnjoinedFailures.GRACE_NANOS);

    private final LogRecords records = new LogRecords();

    private static final class Reset extends IOException implements ExpectedFailure {
        private static final long serialVersionUID = 1L;

        Reset() {
            super("reset by peer");
        }
    }

    @AfterEach
    void stopRecording() {
        records.close();
    }

    @Test
    void failureNobodyJoinedIsReportedOnceAfterItsGraceWithNameShardAndStack() throws Throwable {
        SteppedReactor.run(stepped -> {
            stepped.start("unlucky", () -> FiberTest.fail(new IOException("disk full")));
            stepped.advance(GRACE.minusMillis(1));
            assertThat(records.all()).isEmpty();

            stepped.advance(Duration.ofMillis(2));
            stepped.advance(GRACE.multipliedBy(5));

            List<LogRecord> all = records.all();
            assertThat(all).hasSize(1);
            assertThat(all.getFirst().getLevel()).isEqualTo(Level.SEVERE);
            assertThat(all.getFirst().getMessage())
                    .isEqualTo("fiber 'unlucky' on shard 0 failed, and nobody joined it");
            assertThat(all.getFirst().getThrown())
                    .hasMessage("disk full")
                    .satisfies(e -> assertThat(e.getStackTrace()).isNotEmpty());
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    @Test
    void eachFailureHasAGraceOfItsOwn() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (String name : List.of("first", "second")) {
                stepped.start(name, () -> FiberTest.fail(new IOException(name)));
                stepped.advance(GRACE.dividedBy(2));
            }
            assertThat(records.mentioning("'first'")).isEmpty();
            stepped.advance(GRACE.dividedBy(4));
            assertThat(records.mentioning("'first'")).hasSize(1);
            assertThat(records.mentioning("'second'")).isEmpty();
            stepped.advance(GRACE);
            assertThat(records.mentioning("'second'")).hasSize(1);
        });
    }

    @Test
    void joinedFailureIsTheJoinersAndIsNotReported() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> before =
                    stepped.start("joined before", () -> FiberTest.fail(new IOException()));
            Fiber<Void> after =
                    stepped.start("joined after", () -> FiberTest.fail(new IOException()));
            stepped.start("joiner", () -> assertThatThrownBy(before::join).isNotNull());
            stepped.settle();
            assertThatThrownBy(after::join).isInstanceOf(FiberFailedException.class);
            stepped.advance(GRACE.multipliedBy(2));
            assertThat(records.all()).isEmpty();
        });
    }

    @Test
    void failureIsReportedWhenItsOnlyJoinerWasCancelled() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> target =
                    stepped.start(
                            "target",
                            () -> {
                                Fiber.sleep(Duration.ofSeconds(10));
                                throw new IOException("late");
                            });
            Fiber<Void> joiner = stepped.start("joiner", (FiberTask) target::join);
            stepped.settle();
            joiner.cancel();
            stepped.advance(Duration.ofSeconds(11));
            assertThat(target.isDone()).isTrue();
            stepped.advance(GRACE.multipliedBy(2));

            assertThat(records.mentioning("fiber 'target'")).hasSize(1);
        });
    }

    @Test
    void stoppingShardReportsAtOnceWhatIsInItsGrace() throws Throwable {
        SteppedReactor.run(stepped -> {
            stepped.start("late", () -> FiberTest.fail(new IOException("at the end")));
            stepped.settle();
            Fiber.reportUnjoinedFailures(stepped.reactor());
            assertThat(records.mentioning("fiber 'late'")).hasSize(1);
            stepped.advance(GRACE.multipliedBy(2));
            assertThat(records.all()).as("once").hasSize(1);
        });
    }

    @Test
    void failureThatAPeerCanCauseIsOnlyForDebuggingAndAtABoundedRate() throws Throwable {
        SteppedReactor.run(stepped -> {
            for (int i = 0; i < 100; i++) {
                stepped.start("connection", () -> FiberTest.fail(new Reset()));
            }
            stepped.settle();
            stepped.advance(GRACE.plusMillis(1));
            stepped.start("connection", () -> FiberTest.fail(new Reset()));
            stepped.settle();
            stepped.advance(GRACE.plusMillis(1));

            assertThat(records.messages(Level.INFO)).isEmpty();
            assertThat(records.messages(Level.FINE)).hasSize(2);
            assertThat(records.messages(Level.FINE).getFirst())
                    .contains("fiber 'connection' on shard 0 ended")
                    .contains("reset by peer");
            assertThat(records.messages(Level.FINE).getLast()).endsWith("(and 99 more)");
        });
    }

    @Test
    void cancelledFiberIsNotReported() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber = stepped.start("gone", () -> Fiber.sleep(Duration.ofDays(1)));
            stepped.settle();
            fiber.cancel();
            stepped.advance(GRACE.multipliedBy(2));
            assertThat(records.all()).isEmpty();
        });
    }
}
