package io.byssus.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Every operation, by one who is not on the object's shard. */
class WrongShardTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    /** By the start of the message. */
    private static Map<String, ThrowingCallable[]> operations() {
        Map<String, ThrowingCallable[]> all = new LinkedHashMap<>();
        Gate gate = new Gate("g");
        gate.enter();
        put(all, "gate 'g'", gate::enter, gate::leave, gate::hold, gate::close);
        Semaphore semaphore = new Semaphore("db", 4);
        Hold units = semaphore.hold(1);
        put(
                all,
                "semaphore 'db'",
                () -> semaphore.acquire(1),
                () -> semaphore.acquire(1, LIMIT),
                () -> semaphore.tryAcquire(1),
                () -> semaphore.release(1),
                () -> semaphore.resize(1),
                () -> semaphore.broken(new IOException()),
                units::close);
        Mutex mutex = new Mutex("m");
        mutex.lock();
        put(all, "mutex 'm'", mutex::lock, mutex::tryLock, mutex::unlock);
        ReadWriteLock lock = new ReadWriteLock("l");
        put(all, "read lock 'l'", lock.read()::lock, lock.read()::tryLock, lock.read()::unlock);
        put(all, "write lock 'l'", lock.write()::lock, lock.write()::tryLock, lock.write()::unlock);
        Condition condition = new Condition("c");
        put(
                all,
                "condition 'c'",
                condition::await,
                () -> condition.await(() -> true),
                condition::signal,
                condition::signalAll);
        BoundedQueue<String> queue = new BoundedQueue<>("q", 1);
        put(
                all,
                "queue 'q'",
                () -> queue.put("a"),
                () -> queue.offer("a"),
                queue::take,
                queue::poll,
                () -> queue.drainTo(new ArrayList<>(), 1),
                queue::close,
                () -> queue.abort(new IOException()));
        Pipe<String> pipe = new Pipe<>("p", 1);
        put(
                all,
                "pipe 'p'",
                () -> pipe.writer().write("a"),
                () -> pipe.writer().abort(new IOException()),
                pipe.writer()::close,
                pipe.reader()::read,
                () -> pipe.reader().drainTo(new ArrayList<>(), 1),
                pipe.reader()::close);
        Latch latch = new Latch("s", 1);
        put(all, "latch 's'", latch::await, latch::countDown);
        Promise<String> promise = new Promise<>("a");
        put(
                all,
                "promise 'a'",
                promise::await,
                () -> promise.complete("v"),
                () -> promise.fail(new IOException()),
                promise::toCompletableFuture);
        return all;
    }

    private static void put(
            Map<String, ThrowingCallable[]> all, String what, ThrowingCallable... operations) {
        all.put(what, operations);
    }

    @Test
    void fiberOfAnotherShardIsToldBothShards() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor user = new SteppedReactor(1, clock);
            SteppedReactor home = new SteppedReactor(0, clock);
            Map<String, ThrowingCallable[]> all = operations();
            assertThat(home.reactor().isCurrent()).isTrue();
            user.onFiber(() -> assertRefused(all, " belongs to shard 0, used from shard 1"));
            user.settle();
        });
    }

    @Test
    void shardOfTheSameNumberIsOfAnotherRuntime() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor user = new SteppedReactor(0, clock);
            SteppedReactor home = new SteppedReactor(0, clock);
            assertThat(home.reactor().isCurrent()).isTrue();
            Gate gate = new Gate("g");
            user.onFiber(() ->
                    assertThatThrownBy(gate::enter)
                            .hasMessage(
                                    "gate 'g' belongs to shard 0, used from shard 0 of another"
                                            + " runtime"));
        });
    }

    @Test
    void threadOffAnyShardIsToldSo() throws Throwable {
        SteppedReactor.run(stepped -> {
            Map<String, ThrowingCallable[]> all = operations();
            CompletableFuture<Void> end = new CompletableFuture<>();
            Thread.ofPlatform()
                    .name("main")
                    .start(() -> {
                        try {
                            assertRefused(
                                    all,
                                    " belongs to shard 0, used from thread 'main', not on a"
                                            + " shard");
                            end.complete(null);
                        } catch (Throwable e) {
                            end.completeExceptionally(e);
                        }
                    });
            end.get();
        });
    }

    @Test
    void nothingIsMadeOffAShard() {
        for (ThrowingCallable constructor :
                new ThrowingCallable[] {
                    () -> new Gate("x"),
                    () -> new Semaphore("x", 1),
                    () -> new Mutex("x"),
                    () -> new ReadWriteLock("x"),
                    () -> new Condition("x"),
                    () -> new BoundedQueue<String>("x", 1),
                    () -> new Pipe<String>("x", 1),
                    () -> new Latch("x", 1),
                    () -> new Promise<String>("x"),
                    () -> Promise.of("x", CompletableFuture.completedFuture("v"))
                }) {
            assertThatThrownBy(constructor)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("not on a shard");
        }
    }

    private static void assertRefused(Map<String, ThrowingCallable[]> all, String message) {
        all.forEach((what, operations) -> {
            for (ThrowingCallable operation : operations) {
                assertThatThrownBy(operation)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(what + message);
            }
        });
    }
}
