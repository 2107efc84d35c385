package io.byssus.runtime.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import io.byssus.runtime.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** What one pass of the loop does, step by step. */
class ReactorTurnTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    private final List<String> events = new ArrayList<>();

    /** I/O that is only written down. */
    private final class WrittenDown implements ReactorBackend, MessageSource {
        private int messages;
        private boolean sent;

        @Override
        public int poll() {
            events.add("poll");
            return 0;
        }

        @Override
        public int await(long timeoutNanos) {
            events.add("await " + timeoutNanos);
            return 0;
        }

        @Override
        public void wake() {
            events.add("wake");
        }

        @Override
        public void close() {
            events.add("close");
        }

        @Override
        public int drain() {
            int count = messages;
            messages = 0;
            if (count > 0) {
                events.add("messages");
            }
            return count;
        }

        @Override
        public void publish() {
            if (sent) {
                sent = false;
                events.add("publish");
            }
        }

        @Override
        public boolean isEmpty() {
            return messages == 0;
        }
    }

    private Timer timer(String name) {
        return new Timer() {
            @Override
            protected void onExpiry() {
                events.add(name);
            }
        };
    }

    @Test
    void turnTakesMessagesThenRunsTasksThenPublishesThenFiresTimersThenLooksForIo()
            throws Throwable {
        withRecordedIo((stepped, io) -> {
            Reactor reactor = stepped.reactor();
            stepped.clock().advance(MILLI);
            reactor.arm(timer("timer"), 0);
            io.messages = 1;
            reactor.execute(() -> {
                events.add("task");
                io.sent = true;
            });

            assertThat(stepped.turn()).isTrue();
            assertThat(events).containsExactly("messages", "task", "publish", "timer", "poll");

            events.clear();
            assertThat(stepped.turn()).as("nothing left").isFalse();
            assertThat(events).containsExactly("poll");
        });
    }

    @Test
    void tasksOfOtherThreadsRunInTheirOrderBehindThoseThatWait() throws Throwable {
        withRecordedIo((stepped, io) -> {
            Reactor reactor = stepped.reactor();
            Thread other =
                    Thread.ofPlatform()
                            .start(() -> {
                                reactor.execute(() -> events.add("remote 1"));
                                reactor.execute(() -> events.add("remote 2"));
                            });
            other.join();
            reactor.execute(() -> events.add("local"));

            stepped.turn();
            assertThat(events).containsExactly("local", "remote 1", "remote 2", "poll");
            assertThat(reactor.counters().remoteTasks).isEqualTo(2);
        });
    }

    @Test
    void taskThatAddsATaskSharesItsTurn() throws Throwable {
        withRecordedIo((stepped, io) -> {
            Reactor reactor = stepped.reactor();
            reactor.execute(() -> {
                events.add("first");
                reactor.execute(() -> events.add("second"));
            });
            stepped.turn();
            assertThat(events).containsExactly("first", "second", "poll");
        });
    }

    @Test
    void quotaEndsATurnAndTheRestWaitsForIo() throws Throwable {
        withRecordedIo((stepped, io) -> {
            Reactor reactor = stepped.reactor();
            int tasks = 100;
            for (int i = 0; i < tasks; i++) {
                reactor.execute(() -> stepped.clock().advance(Duration.ofNanos(100_000)));
            }
            io.messages = 1;

            stepped.turn();
            int run = tasks - reactor.runQueueLength();
            assertThat(run).as("tasks of 0.1 ms in 0.5 ms").isBetween(5, 8);
            assertThat(reactor.counters().quotaEnds).isEqualTo(1);
            assertThat(events).containsExactly("messages", "poll");

            stepped.settle();
            assertThat(reactor.runQueueLength()).isZero();
            assertThat(reactor.counters().tasks).isEqualTo(tasks);
        });
    }

    @Test
    void turnThatMayWaitWaitsForTheNextTimerAndNotWhileThereIsWork() throws Throwable {
        withRecordedIo((stepped, io) -> {
            Reactor reactor = stepped.reactor();
            reactor.turn(Reactor.Wait.ALLOWED);
            assertThat(events).containsExactly("await " + ReactorBackend.NO_TIMEOUT);
            assertThat(reactor.counters().sleeps).isEqualTo(1);

            events.clear();
            Timer timer = timer("timer");
            reactor.arm(timer, MILLI.toNanos());
            reactor.turn(Reactor.Wait.ALLOWED);
            long waited = Long.parseLong(events.getFirst().split(" ")[1]);
            assertThat(waited).isBetween(1L, MILLI.toNanos() + 65_536);

            events.clear();
            stepped.clock().advance(Duration.ofMillis(2));
            reactor.turn(Reactor.Wait.ALLOWED);
            assertThat(events).containsExactly("timer", "await " + ReactorBackend.NO_TIMEOUT);

            events.clear();
            reactor.execute(() -> reactor.execute(() -> events.add("task")));
            io.messages = 1;
            reactor.turn(Reactor.Wait.ALLOWED);
            assertThat(events).startsWith("messages", "task");
        });
    }

    @Test
    void messageThatComesLastKeepsTheShardAwakeAndDoesNotKeepItFromIo() throws Throwable {
        withRecordedIo((stepped, io) -> {
            Reactor reactor = stepped.reactor();
            reactor.messages(
                    new MessageSource() {
                        @Override
                        public int drain() {
                            return 0;
                        }

                        @Override
                        public boolean isEmpty() {
                            events.add("last look");
                            return false;
                        }
                    });
            reactor.turn(Reactor.Wait.ALLOWED);
            assertThat(events).containsExactly("last look", "poll");
            assertThat(reactor.counters().sleeps).isZero();
        });
    }

    /** What the last tasks have left to the backend, such as the end of a connection, goes out. */
    @Test
    void theLastTurnLooksForIoToo() throws Throwable {
        withRecordedIo((stepped, io) -> {
            Reactor reactor = stepped.reactor();
            reactor.execute(() -> {
                events.add("task");
                reactor.stop();
            });
            reactor.run();
            assertThat(events).containsSubsequence("task", "poll").doesNotContain("await");
        });
    }

    @Test
    void cancelledTimerLetsTheShardSleep() throws Throwable {
        withRecordedIo((stepped, io) -> {
            Reactor reactor = stepped.reactor();
            Timer timer = timer("timer");
            reactor.arm(timer, MILLI.toNanos());
            assertThat(reactor.armedTimers()).isEqualTo(1);
            reactor.cancel(timer);
            assertThat(reactor.armedTimers()).isZero();
            stepped.advance(Duration.ofSeconds(1));
            reactor.turn(Reactor.Wait.ALLOWED);
            assertThat(events).endsWith("await " + ReactorBackend.NO_TIMEOUT);
        });
    }

    @Test
    void taskThatThrowsIsLoggedAndTheOthersRun() throws Throwable {
        try (LogRecords records = new LogRecords()) {
            withRecordedIo((stepped, io) -> {
                Reactor reactor = stepped.reactor();
                for (Throwable failure :
                        List.of(new IllegalStateException("bad"), new AssertionError())) {
                    reactor.execute(() -> SneakyThrow.now(failure));
                }
                reactor.execute(() -> events.add("task"));
                stepped.settle();
                assertThat(events).startsWith("task");
            });
            List<LogRecord> failures = records.mentioning("shard 0: a task failed");
            assertThat(failures).hasSize(2);
            assertThat(failures.getFirst().getThrown()).hasMessage("bad");
        }
    }

    @Test
    void closeGivesTheBackendBack() throws Throwable {
        withRecordedIo((stepped, io) -> {
            stepped.reactor().stop();
            stepped.reactor().close();
            assertThat(events).endsWith("close");
        });
    }

    @Test
    void offShardNobodyHasACurrentReactor() {
        assertThat(Reactor.currentOrNull()).isNull();
        assertThatThrownBy(Reactor::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "not on a shard: thread '%s' is not a fiber of a running Byssus",
                        Thread.currentThread().getName());
    }

    @Test
    void optionsWithoutSenseAreRefused() {
        BufferPool.Mode mode = BufferPool.Mode.TRACKING;
        assertThatThrownBy(() -> new ReactorOptions(0, 0, mode))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("taskQuotaNanos=0 idlePollNanos=0");
        assertThatThrownBy(() -> new ReactorOptions(1, -1, mode))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private interface RecordedTest {
        void run(SteppedReactor stepped, WrittenDown io) throws Throwable;
    }

    private void withRecordedIo(RecordedTest test) throws Throwable {
        SteppedReactor.onCarrier(() -> {
            WrittenDown io = new WrittenDown();
            SteppedReactor stepped =
                    new SteppedReactor(0, new ManualClock(), io, BufferPool.Mode.TRACKING);
            stepped.reactor().messages(io);
            events.clear();
            test.run(stepped, io);
        });
    }

    /** Throws whatever it is given. */
    private static final class SneakyThrow {
        @SuppressWarnings("unchecked")
        private static <X extends Throwable> void now(Throwable failure) throws X {
            throw (X) failure;
        }
    }
}
