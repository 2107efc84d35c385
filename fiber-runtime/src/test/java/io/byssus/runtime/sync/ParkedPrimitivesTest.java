package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.AbortedException;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.fiber.ItemTask;
import io.byssus.runtime.fiber.Scope;
import io.byssus.runtime.fiber.Scope.Policy;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.runtime.testing.SteppedReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each operation of this package that parks, stopped in each way that there is, on a fiber that
 * runs one task after the other: it ends with one exception, the next in the queue is served, the
 * next task of the fiber is not disturbed, and there is no timer and no waiter left.
 */
class ParkedPrimitivesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofDays(1);

    private final List<String> events = new ArrayList<>();
    private final Set<Thread> threads = new LinkedHashSet<>();

    /**
     * Something to wait for.
     *
     * @param occupy makes that whoever comes has to wait
     * @param await the operation, in the three forms that each has
     * @param serve lets one go on; by the fiber that has occupied it
     * @param whole says how many wait
     */
    private record Subject(
            FiberTask occupy,
            FiberTask await,
            ItemTask<Duration> awaitFor,
            ItemTask<Deadline> awaitUntil,
            FiberTask serve,
            Object whole) {}

    private static Subject lock(Lock occupied, Lock wanted) {
        return new Subject(
                occupied::lock, wanted::lock, wanted::lock, wanted::lock, occupied::unlock, wanted);
    }

    /** What can be waited for. */
    private enum Operation {
        GATE_CLOSE {
            @Override
            Subject make() {
                Gate gate = new Gate("g");
                return new Subject(
                        gate::enter, gate::close, gate::close, gate::close, gate::leave, gate);
            }
        },
        SEMAPHORE_ACQUIRE {
            @Override
            Subject make() {
                Semaphore semaphore = new Semaphore("s", 2);
                return new Subject(
                        () -> semaphore.acquire(2),
                        () -> semaphore.acquire(2),
                        limit -> semaphore.acquire(1, limit),
                        limit -> semaphore.acquire(2, limit),
                        () -> semaphore.release(2),
                        semaphore);
            }
        },
        MUTEX {
            @Override
            Subject make() {
                Mutex mutex = new Mutex("m");
                return lock(mutex, mutex);
            }
        },
        READ_LOCK {
            @Override
            Subject make() {
                ReadWriteLock lock = new ReadWriteLock("l");
                return lock(lock.write(), lock.read());
            }
        },
        WRITE_LOCK {
            @Override
            Subject make() {
                ReadWriteLock lock = new ReadWriteLock("l");
                return lock(lock.read(), lock.write());
            }
        },
        CONDITION_AWAIT {
            @Override
            Subject make() {
                Condition condition = new Condition("c");
                return new Subject(
                        () -> {},
                        condition::await,
                        condition::await,
                        condition::await,
                        condition::signal,
                        condition);
            }
        },
        CONDITION_HOLDS {
            @Override
            Subject make() {
                Condition condition = new Condition("c");
                boolean[] holds = new boolean[1];
                return new Subject(
                        () -> {},
                        () -> condition.await(() -> holds[0]),
                        limit -> condition.await(() -> holds[0], limit),
                        limit -> condition.await(() -> holds[0], limit),
                        () -> {
                            holds[0] = true;
                            condition.signal();
                        },
                        condition);
            }
        },
        QUEUE_PUT {
            @Override
            Subject make() {
                BoundedQueue<String> queue = new BoundedQueue<>("q", 1);
                return new Subject(
                        () -> queue.put("first"),
                        () -> queue.put("next"),
                        limit -> queue.put("stopped", limit),
                        limit -> queue.put("stopped", limit),
                        () -> assertThat(queue.take() + queue.take()).isEqualTo("firstnext"),
                        queue);
            }
        },
        QUEUE_TAKE {
            @Override
            Subject make() {
                BoundedQueue<String> queue = new BoundedQueue<>("q", 1);
                return new Subject(
                        () -> {},
                        queue::take,
                        queue::take,
                        queue::take,
                        () -> queue.put("item"),
                        queue);
            }
        },
        PIPE_WRITE {
            @Override
            Subject make() {
                Pipe<String> pipe = new Pipe<>("p", 1);
                return new Subject(
                        () -> pipe.writer().write("first"),
                        () -> pipe.writer().write("next"),
                        limit -> pipe.writer().write("stopped", limit),
                        limit -> pipe.writer().write("stopped", limit),
                        () -> assertThat(pipe.reader().read()).contains("first"),
                        pipe);
            }
        },
        PIPE_READ {
            @Override
            Subject make() {
                Pipe<String> pipe = new Pipe<>("p", 1);
                return new Subject(
                        () -> {},
                        pipe.reader()::read,
                        pipe.reader()::read,
                        pipe.reader()::read,
                        () -> pipe.writer().write("item"),
                        pipe);
            }
        },
        LATCH {
            @Override
            Subject make() {
                Latch latch = new Latch("l", 1);
                return new Subject(
                        () -> {},
                        latch::await,
                        latch::await,
                        latch::await,
                        latch::countDown,
                        latch);
            }
        },
        PROMISE {
            @Override
            Subject make() {
                Promise<String> promise = new Promise<>("p");
                return new Subject(
                        () -> {},
                        promise::await,
                        promise::await,
                        promise::await,
                        () -> promise.complete("value"),
                        promise);
            }
        };

        abstract Subject make();
    }

    /** How it is stopped. A second later it is over. */
    private enum Means {
        CANCEL(FiberCancelledException.class) {
            @Override
            void run(Subject subject) throws Exception {
                Fiber<?> self = Fiber.of(Thread.currentThread()); // as a caller that is gone
                Fiber.start(
                        "canceller",
                        () -> {
                            Fiber.sleep(SECOND);
                            self.cancel();
                        });
                subject.await.run();
            }
        },
        DEADLINE(DeadlineExceededException.class) {
            @Override
            void run(Subject subject) throws Exception {
                Deadline.within(SECOND, subject.await::run);
            }
        },
        DEADLINE_BEFORE_ITS_LIMIT(DeadlineExceededException.class) {
            @Override
            void run(Subject subject) throws Exception {
                Deadline.within(SECOND, () -> subject.awaitFor.run(LONG));
            }
        },
        DEADLINE_BEFORE_ITS_DEADLINE(DeadlineExceededException.class) {
            @Override
            void run(Subject subject) throws Exception {
                Deadline.within(SECOND, () -> subject.awaitUntil.run(Deadline.after(LONG)));
            }
        },
        /** Then the operation has ended by itself, and nothing is left of the other. */
        DEADLINE_AND_ITS_OWN(WaitTimeoutException.class) {
            @Override
            void run(Subject subject) throws Exception {
                Deadline.within(SECOND, () -> subject.awaitUntil.run(Deadline.after(SECOND)));
            }
        },
        ABORT(AbortedException.class) {
            @Override
            void run(Subject subject) throws Exception {
                AbortSource source = new AbortSource("source");
                Fiber.start(
                        "aborter",
                        () -> {
                            Fiber.sleep(SECOND);
                            source.abort();
                        });
                source.run(subject.await::run);
            }
        },
        SCOPE(DeadlineExceededException.class) {
            @Override
            void run(Subject subject) throws Exception {
                try (Scope scope =
                        Scope.open("scope", Policy.WAIT_FOR_ALL, Deadline.after(SECOND))) {
                    scope.start("child", subject.await);
                    scope.join();
                }
            }
        },
        ITS_LIMIT(WaitTimeoutException.class) {
            @Override
            void run(Subject subject) throws Exception {
                subject.awaitFor.run(SECOND);
            }
        },
        ITS_DEADLINE(WaitTimeoutException.class) {
            @Override
            void run(Subject subject) throws Exception {
                subject.awaitUntil.run(Deadline.after(SECOND));
            }
        };

        private final Class<? extends Exception> thrown;

        Means(Class<? extends Exception> thrown) {
            this.thrown = thrown;
        }

        abstract void run(Subject subject) throws Exception;

        boolean startsFibers() {
            return this == CANCEL || this == ABORT || this == SCOPE;
        }
    }

    static Stream<Arguments> cases() {
        return Stream.of(Operation.values())
                .flatMap(operation ->
                        Stream.of(Means.values()).map(means -> Arguments.of(operation, means)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void endsWithItsExceptionAndTheNextIsServed(Operation operation, Means means) throws Throwable {
        SteppedReactor.run(stepped -> {
            Subject subject = operation.make();
            Latch served = new Latch("go", 1);
            stepped.start(
                    "holder",
                    () -> {
                        subject.occupy.run();
                        served.await();
                        subject.serve.run();
                    });
            execute(stepped, () -> stop(means, subject));
            stepped.settle();
            if (operation != Operation.GATE_CLOSE) { // which only one at a time may close
                startNext(stepped, subject);
            }
            stepped.advance(Duration.ofSeconds(2));
            assertThat(events).containsExactly("stopped");

            execute(stepped, () -> stop(means, subject)); // the same fiber, as good as before
            stepped.settle();
            stepped.advance(Duration.ofSeconds(2));
            assertThat(events).containsExactly("stopped", "stopped");
            if (!means.startsFibers()) { // which may leave a thread-local of a library
                assertThat(threads).as("fibers that the tasks have run on").hasSize(1);
            }
            assertThat(stepped.reactor().armedTimers()).as("timers").isZero();

            if (operation == Operation.GATE_CLOSE) {
                startNext(stepped, subject);
            }
            served.countDown();
            stepped.settle();
            assertThat(events).containsExactly("stopped", "stopped", "served");
            assertThat(subject.whole.toString()).doesNotContainPattern("[1-9] (wait|to take)");
            assertThat(Fiber.liveOn(stepped.reactor())).isEmpty();
            assertThat(stepped.reactor().armedTimers()).as("timers").isZero();
        });
    }

    @ParameterizedTest
    @EnumSource
    void negativeLimitIsRefusedAndChangesNothing(Operation operation) throws Throwable {
        SteppedReactor.run(stepped -> {
            Subject subject = operation.make();
            String before = subject.whole.toString();
            stepped.onFiber(() ->
                    assertThatThrownBy(() -> subject.awaitFor.run(SECOND.negated()))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("limit=PT-1S: must not be negative"));
            assertThat(subject.whole).hasToString(before);
            assertThat(stepped.reactor().armedTimers()).isZero();
        });
    }

    private void startNext(SteppedReactor stepped, Subject subject) {
        stepped.start(
                "next",
                () -> {
                    subject.await.run();
                    events.add("served");
                });
        stepped.settle();
    }

    private void stop(Means means, Subject subject) {
        threads.add(Thread.currentThread());
        try {
            means.run(subject);
            events.add("was not stopped");
        } catch (Exception e) {
            boolean alone = e.getSuppressed().length == 0 || means != Means.SCOPE;
            events.add(e.getClass() == means.thrown && alone ? "stopped" : e.toString());
        }
        if (Thread.currentThread().isInterrupted()) {
            events.add("interrupted");
        }
    }

    private static void execute(SteppedReactor stepped, Runnable task) {
        Fiber.executeOn(stepped.reactor(), SchedulingGroup.main(), task);
    }
}
