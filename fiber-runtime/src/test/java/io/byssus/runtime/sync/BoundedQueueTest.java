package io.byssus.runtime.sync;

import static io.byssus.runtime.sync.SyncScenario.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.sync.SyncScenario.Attempt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoundedQueueTest {
    private final List<String> taken = new ArrayList<>();

    private FiberTask taking(BoundedQueue<String> queue) {
        return () -> taken.add(queue.take());
    }

    @Test
    void itemsLeaveInTheOrderInWhichTheyCame() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 2);
            assertThat(queue.poll()).isEmpty();
            queue.put("a");
            assertThat(queue.offer("b")).isTrue();
            assertThat(queue.offer("c")).isFalse();
            scenario.attempt("c", () -> queue.put("c"));
            scenario.attempt("d", () -> queue.put("d", SECOND));
            scenario.attempt("e", () -> queue.put("e", Deadline.after(SECOND)));
            assertThat(queue).hasToString("queue 'jobs' (2 of 2 items, 3 wait to put, 0 to take)");
            assertThat(queue.take()).isEqualTo("a");
            assertThat(queue.take(SECOND)).isEqualTo("b");
            assertThat(queue.poll()).contains("c");
            assertThat(queue.take(Deadline.NONE)).isEqualTo("d");
            assertThat(queue.take()).isEqualTo("e");
            assertThat(queue.size()).isZero();
            scenario.settle();
            assertThat(scenario.served).containsExactly("c", "d", "e");
        });
    }

    @Test
    void itemGoesToTheOneThatHasWaitedLongestAndCannotBeSnatched() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 1);
            scenario.attempt("first", taking(queue));
            scenario.attempt("second", taking(queue));
            queue.put("a");
            assertThat(queue.poll()).as("it is the first one's").isEmpty();
            queue.put("b");
            queue.put("c");
            scenario.settle();
            assertThat(scenario.served).containsExactly("first", "second");
            assertThat(taken).containsExactly("a", "b");
            assertThat(queue.size()).isEqualTo(1);
        });
    }

    @Test
    void timeoutAndCancellationTakeNothingAndPutNothing() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 1);
            Attempt lateTaker = scenario.attempt("late", () -> queue.take(SECOND));
            Attempt cancelledTaker = scenario.attempt("cancelled", taking(queue));
            cancelledTaker.cancel();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(lateTaker.failure())
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageStartingWith("timed out in queue 'jobs' (0 of 1 items, ");
            assertThat(cancelledTaker.wasCancelled()).isTrue();
            queue.put("a");
            Attempt latePutter = scenario.attempt("late", () -> queue.put("b", SECOND));
            Attempt cancelledPutter = scenario.attempt("cancelled", () -> queue.put("c"));
            scenario.attempt("d", () -> queue.put("d"));
            cancelledPutter.cancel();
            scenario.advance(SECOND.multipliedBy(2));
            assertThat(latePutter.failure()).isInstanceOf(WaitTimeoutException.class);
            assertThat(cancelledPutter.wasCancelled()).isTrue();
            assertThat(queue.take()).isEqualTo("a");
            assertThat(queue.take()).isEqualTo("d");
            assertThat(queue.poll()).isEmpty();
        });
    }

    @Test
    void itemHandedOverBeatsTheCancellationAndTheTimeoutThatComeWithIt() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 1);
            queue.put("token");
            HandOver.assertNeverLost(
                    scenario,
                    new HandOver(
                            () -> queue.take(),
                            () -> queue.take(SECOND),
                            () -> assertThat(queue.offer("token")).isTrue()));
            assertThat(queue.poll()).contains("token");
        });
    }

    @Test
    void roomHandedOverBeatsTheCancellationAndTheTimeoutThatComeWithIt() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 1);
            HandOver.assertNeverLost(
                    scenario,
                    new HandOver(
                            () -> queue.put("token"),
                            () -> queue.put("token", SECOND),
                            () -> assertThat(queue.poll()).contains("token")));
            assertThat(queue.size()).isZero();
        });
    }

    @Test
    void closedQueueIsEmptiedAndThenSaysSo() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 1);
            queue.put("a");
            Attempt putter = scenario.attempt("putter", () -> queue.put("b"));
            queue.close();
            scenario.settle();
            assertThat(putter.failure())
                    .isInstanceOf(ClosedException.class)
                    .hasMessage("queue 'jobs' is closed");
            assertThatThrownBy(() -> queue.offer("c")).isInstanceOf(ClosedException.class);
            assertThat(queue.isClosed()).isTrue();
            assertThat(queue.take()).isEqualTo("a");
            assertThatThrownBy(queue::take)
                    .isInstanceOf(ClosedException.class)
                    .hasMessage("queue 'jobs' is closed");
            assertThat(queue.poll()).isEmpty();
            assertThatThrownBy(queue::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("queue 'jobs' was closed already");
        });
    }

    @Test
    void closeTellsThoseWhoWaitToTake() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 1);
            Attempt first = scenario.attempt("first", taking(queue));
            Attempt second = scenario.attempt("second", () -> queue.take(SECOND));
            queue.close();
            scenario.settle();
            assertThat(first.failure()).isInstanceOf(ClosedException.class);
            assertThat(second.failure()).isInstanceOf(ClosedException.class);
        });
    }

    @Test
    void abortFailsBothSidesAndGivesBackWhatWasThere() throws Throwable {
        Exception cause = new IOException("disk full");
        SyncScenario.run(scenario -> {
            BoundedQueue<String> full = new BoundedQueue<>("jobs", 2);
            full.put("a");
            full.put("b");
            Attempt putter = scenario.attempt("putter", () -> full.put("c"));
            assertThat(full.abort(cause)).containsExactly("a", "b");
            scenario.settle();
            BoundedQueue<String> empty = new BoundedQueue<>("jobs", 2);
            Attempt taker = scenario.attempt("taker", taking(empty));
            empty.close();
            assertThat(empty.abort(cause)).as("also one that is closed").isEmpty();
            scenario.settle();
            for (Attempt attempt : List.of(putter, taker)) {
                assertThat(attempt.failure())
                        .isInstanceOf(BrokenException.class)
                        .hasMessage("queue 'jobs' was aborted: java.io.IOException: disk full")
                        .hasCause(cause);
            }
            assertThatThrownBy(() -> full.offer("d")).isInstanceOf(BrokenException.class);
            assertThatThrownBy(full::poll).isInstanceOf(BrokenException.class);
            assertThatThrownBy(full::take).isInstanceOf(BrokenException.class);
            assertThatThrownBy(() -> full.drainTo(new ArrayList<>(), 1))
                    .isInstanceOf(BrokenException.class);
            assertThatThrownBy(() -> full.abort(cause))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("queue 'jobs' was aborted already");
            assertThatThrownBy(full::close).isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void drainTakesWhatIsThereAndWhatWaitsToBePut() throws Throwable {
        SyncScenario.run(scenario -> {
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 1);
            queue.put("a");
            scenario.attempt("b", () -> queue.put("b"));
            scenario.attempt("c", () -> queue.put("c"));
            List<String> some = new ArrayList<>();
            assertThat(queue.drainTo(some, 2)).isEqualTo(2);
            assertThat(queue.drainTo(some, 0)).isZero();
            assertThat(some).containsExactly("a", "b");
            assertThat(queue.drainTo(some, 10)).isEqualTo(1);
            assertThat(queue.drainTo(some, 10)).isZero();
            assertThat(some).containsExactly("a", "b", "c");
            scenario.settle();
            assertThat(scenario.served).containsExactly("b", "c");
        });
    }

    @Test
    void refusesWhatCannotBe() throws Throwable {
        SyncScenario.run(scenario -> {
            assertThatThrownBy(() -> new BoundedQueue<String>("jobs", 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("capacity=0: must be positive");
            BoundedQueue<String> queue = new BoundedQueue<>("jobs", 1);
            assertThat(queue.capacity()).isEqualTo(1);
            assertThatThrownBy(() -> queue.put(null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("item");
            assertThatThrownBy(() -> queue.put("a", SECOND.negated()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> queue.take(SECOND.negated()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> queue.drainTo(new ArrayList<>(), -1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("max=-1: must not be negative");
            assertThatThrownBy(() -> queue.abort(null)).isInstanceOf(NullPointerException.class);
        });
    }
}
