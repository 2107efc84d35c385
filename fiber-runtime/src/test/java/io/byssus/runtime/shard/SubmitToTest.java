package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls from shard to shard, and from threads outside. */
class SubmitToTest {
    private static final Duration LONG = Duration.ofDays(1);

    private static Shards shards;

    /** Who calls. */
    private enum Caller {
        FIBER_OF_ANOTHER_SHARD,
        FIBER_OF_ANOTHER_RUNTIME,
        PLATFORM_THREAD;

        void run(ThrowingBody body) throws Exception {
            switch (this) {
                case FIBER_OF_ANOTHER_SHARD ->
                        shards.submitTo(
                                0,
                                () -> {
                                    body.run();
                                    assertThat(Shard.current()).isSameAs(shards.get(0));
                                    return null;
                                });
                case FIBER_OF_ANOTHER_RUNTIME -> {
                    RuntimeOptions one = new RuntimeOptions().smp(1).overprovisioned(true);
                    try (Shards others = Shards.start(one)) {
                        others.submitTo(
                                0,
                                () -> {
                                    body.run();
                                    assertThat(Shard.current()).isSameAs(others.get(0));
                                    return null;
                                });
                    }
                }
                case PLATFORM_THREAD -> body.run();
            }
        }
    }

    private interface ThrowingBody {
        void run() throws Exception;
    }

    @BeforeAll
    static void start() {
        shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
    }

    @AfterAll
    static void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void resultComesBack(Caller caller) throws Exception {
        caller.run(() -> {
            String result = shards.submitTo(1, () -> "from " + Shard.current());
            assertThat(result).isEqualTo("from shard 1");
            Object none = shards.submitTo(1, () -> null);
            assertThat(none).isNull();
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatTheCallThrowsComesBackAsItIs(Caller caller) throws Exception {
        caller.run(() -> {
            for (Throwable failure :
                    List.of(
                            new IOException("checked"),
                            new IllegalStateException("unchecked"),
                            new AssertionError("error"))) {
                assertThatThrownBy(() -> shards.submitTo(1, () -> fail(failure))).isSameAs(failure);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void unknownShardIsRefused(Caller caller) throws Exception {
        caller.run(() -> {
            for (int id : new int[] {-1, 2}) {
                String sentence = "shard=" + id + ", and there are shards 0 to 1";
                assertThatThrownBy(() -> shards.submitTo(id, () -> 1))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessage(sentence);
                assertThatThrownBy(() -> shards.spawn(id, "nowhere", () -> 1))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessage(sentence);
            }
        });
    }

    @Test
    void compilerKnowsWhatACallThrows() {
        // No `throws`, no catch: the lambda throws nothing checked.
        int result = shards.submitTo(1, () -> 42);
        assertThat(result).isEqualTo(42);
        try {
            shards.submitTo(1, SubmitToTest::throwsIo);
        } catch (IOException e) { // and this one does, and nothing else
            assertThat(e).hasMessage("io");
        }
    }

    private static int throwsIo() throws IOException {
        throw new IOException("io");
    }

    @Test
    void callToTheOwnShardRunsAtOnceInTheCaller() throws Exception {
        shards.submitTo(
                1,
                () -> {
                    Thread self = Thread.currentThread();
                    Thread ran = shards.submitTo(1, Thread::currentThread);
                    assertThat(ran).isSameAs(self);
                    return null;
                });
    }

    @Test
    void callsNestBothWays() throws Exception {
        int depth = shards.submitTo(0, () -> bounce(50));
        assertThat(depth).isEqualTo(50);
    }

    private static int bounce(int left) {
        int other = 1 - Shard.current().id();
        return left == 0 ? 0 : 1 + shards.submitTo(other, () -> bounce(left - 1));
    }

    @Test
    void shardRunsItsOtherFibersWhileOneWaitsForItsCall() throws Exception {
        shards.submitTo(
                0,
                () -> {
                    CountDownLatch gate = new CountDownLatch(1);
                    Fiber<Object> caller =
                            Fiber.start(
                                    "caller",
                                    () ->
                                            shards.submitTo(
                                                    1,
                                                    () -> {
                                                        gate.await();
                                                        return null;
                                                    }));
                    Fiber.start("opener", gate::countDown).join();
                    caller.join();
                    return null;
                });
    }

    @ParameterizedTest
    @EnumSource
    void cancelledCallerCancelsItsCallAndDoesNotWaitForIt(Caller caller) throws Exception {
        CompletableFuture<String> call = new CompletableFuture<>();
        CountDownLatch inCall = new CountDownLatch(1);
        AtomicReference<Thread> waiting = new AtomicReference<>();
        Thread canceller =
                Thread.ofPlatform()
                        .start(() -> {
                            awaitUninterrupted(inCall);
                            waiting.get().interrupt();
                        });
        caller.run(() -> {
            waiting.set(Thread.currentThread());
            assertThatThrownBy(() ->
                            shards.submitTo(
                                    1,
                                    () -> {
                                        inCall.countDown();
                                        return park(call);
                                    }))
                    .isInstanceOf(FiberCancelledException.class)
                    .hasMessageEndingWith("cancelled in a call to shard 1");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        });
        canceller.join();
        assertThat(call.get()).isEqualTo("cancelled");
    }

    private static Object park(CompletableFuture<String> outcome) {
        try {
            Fiber.sleep(LONG);
        } catch (FiberCancelledException e) {
            outcome.complete("cancelled");
        }
        return null;
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T fail(Throwable failure) throws Exception {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (Exception) failure;
    }
}
