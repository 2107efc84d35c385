package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.testing.LogRecords;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How services start and stop, in order and otherwise. */
class ShardedLifeTest {
    private static final int COUNT = 3;
    private static final Duration LONG = Duration.ofDays(1);

    private final LogRecords records = new LogRecords();
    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private Shards shards;

    private interface Hook {
        void run(int shard) throws Exception;
    }

    private Hook onMake = shard -> {};
    private Hook onStart = shard -> {};
    private Hook onStop = shard -> {};

    /** Writes down what happens to it. */
    private final class Recorder implements ShardedService<Recorder> {
        private final String name;
        private final int home = Shard.current().id();

        Recorder(String name) throws Exception {
            this.name = name;
            onMake.run(home);
            events.add("make " + name + home);
        }

        @Override
        public void start(Sharded<Recorder> peers) throws Exception {
            assertThat(Shard.current().id()).isEqualTo(home);
            assertThat(peers.local()).isSameAs(this);
            List<Integer> homes = peers.map(peer -> peer.home);
            assertThat(homes).as("all can be called").containsExactly(0, 1, 2);
            onStart.run(home);
            events.add("start " + name + home);
        }

        @Override
        public void stop() throws Exception {
            assertThat(Shard.current().id()).isEqualTo(home);
            onStop.run(home);
            events.add("stop " + name + home);
        }
    }

    private Sharded<Recorder> start(String name) throws Exception {
        return Sharded.start(shards, name, () -> new Recorder(name));
    }

    @BeforeEach
    void start() {
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(COUNT)
                                .overprovisioned(true)
                                .shutdownGrace(Duration.ZERO));
    }

    @AfterEach
    void stop() {
        assertThat(shards.stop()).isTrue();
        records.close();
    }

    @Test
    void instancesStartInOrderOnceAllAreMadeAndStopInReverse() throws Exception {
        Sharded<Recorder> service = start("s");
        assertThat(events)
                .containsExactly(
                        "make s0", "make s1", "make s2", "start s0", "start s1", "start s2");
        events.clear();
        service.stop();
        assertThat(events).containsExactly("stop s2", "stop s1", "stop s0");
    }

    @Test
    void failureInOneStartStopsTheOthersInReverse() throws Exception {
        IOException failure = new IOException("port in use");
        IOException first = new IOException("stop 0");
        onStart = shard -> throwIf(shard == 2, failure);
        onStop = shard -> throwIf(shard == 0, first);
        assertThatThrownBy(() -> start("s"))
                .isSameAs(failure)
                .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(first));
        assertThat(events)
                .containsExactly(
                        "make s0", "make s1", "make s2", "start s0", "start s1", "stop s1");
    }

    @Test
    void failureInOneConstructorStartsNothing() throws Exception {
        Error failure = new AssertionError("no");
        onMake = shard -> throwIf(shard == 1, failure);
        assertThatThrownBy(() -> start("s")).isSameAs(failure);
        assertThat(events).containsExactly("make s0");
        assertThatThrownBy(() -> Sharded.start(shards, "nothing", () -> null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("service 'nothing' on shard 0: the constructor answered null");
    }

    private static void throwIf(boolean condition, Throwable failure) throws Exception {
        if (!condition) {
            return;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        throw (Exception) failure;
    }

    @Test
    void failuresInStopAreThrownWhenAllHaveStopped() throws Exception {
        Sharded<Recorder> service = start("s");
        List<IOException> failures = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            failures.add(new IOException("" + i));
        }
        onStop = shard -> throwIf(shard != 1, failures.get(shard));
        events.clear();
        assertThatThrownBy(service::stop)
                .isSameAs(failures.get(2))
                .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(failures.get(0)));
        assertThat(events).containsExactly("stop s1");
    }

    @Test
    void closeSaysWhatWentWrong() throws Exception {
        Sharded<Recorder> service = start("s");
        IOException failure = new IOException("disk full");
        onStop = shard -> throwIf(shard == 1, failure);
        assertThatThrownBy(service::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("service 's' did not stop in order")
                .hasCause(failure);
    }

    @Test
    void whatHasStoppedCannotBeUsed() throws Exception {
        Sharded<Recorder> service = start("s");
        service.stop();
        for (ThrowingCallable use :
                List.<ThrowingCallable>of(
                        () -> service.invokeOn(1, s -> s.home),
                        () -> shards.submitTo(1, service::local),
                        () -> service.invokeOnAll(s -> {}))) {
            assertThatThrownBy(use)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageMatching("service 's' on shard . has stopped");
        }
        assertThatThrownBy(service::stop)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("service 's' has already been stopped");
        service.close(); // as a `try` does after all
    }

    @Test
    void stopWaitsForTheCallsThatAreUnderWayAndRefusesOthers() throws Exception {
        Sharded<Recorder> service = start("s");
        events.clear();
        CountDownLatch inCall = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Object> call =
                shards.spawn(
                        0,
                        "caller",
                        () ->
                                service.invokeOn(
                                        2,
                                        s -> {
                                            inCall.countDown();
                                            goOn.await();
                                            assertThat(service.local()).isSameAs(s);
                                            events.add("call");
                                            return null;
                                        }));
        inCall.await();
        CompletableFuture<Object> stop =
                shards.spawn(
                        1,
                        "stopper",
                        () -> {
                            service.stop();
                            return null;
                        });
        String refusal = "service 's' on shard 2 is stopping";
        Eventually.until(refusal, () -> refusalBy(service, 2).equals(refusal));
        int peer = service.invokeOn(0, s -> s.home);
        assertThat(peer).as("lower shards still serve").isZero();
        assertThat(stop).isNotDone();
        goOn.countDown();
        stop.get();
        call.get();
        assertThat(events).containsExactly("call", "stop s2", "stop s1", "stop s0");
    }

    private static String refusalBy(Sharded<Recorder> service, int id) {
        try {
            return service.invokeOn(id, s -> "none");
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    @Test
    void cancelledStopDoesNotWaitForCallsAndStopsAllTheSame() throws Exception {
        Sharded<Recorder> service = start("s");
        events.clear();
        CountDownLatch inCall = new CountDownLatch(1);
        CompletableFuture<Object> call =
                shards.spawn(
                        0,
                        "caller",
                        () ->
                                service.invokeOn(
                                        1,
                                        s -> {
                                            inCall.countDown();
                                            Fiber.sleep(LONG);
                                            return null;
                                        }));
        inCall.await();
        CountDownLatch stoppedTwo = new CountDownLatch(1);
        onStop = shard -> stoppedTwo.countDown();
        CompletableFuture<Fiber<?>> stopper = new CompletableFuture<>();
        CompletableFuture<Object> stop =
                shards.spawn(
                        0,
                        "stopper",
                        () -> {
                            stopper.complete(Fiber.current());
                            service.stop();
                            return null;
                        });
        stoppedTwo.await();
        stopper.get().cancel();
        assertThatThrownBy(stop::get).hasRootCauseInstanceOf(FiberCancelledException.class);
        // Shard 1 is told to hurry, by a message: it may still be at it.
        Eventually.until("all have stopped", () -> events.size() == COUNT);
        assertThat(events).contains("stop s2", "stop s1", "stop s0");
        assertThat(call).isNotDone();
    }

    @Test
    void cancelledStartLeavesNothingBehind() throws Exception {
        CountDownLatch starting = new CountDownLatch(1);
        onStart =
                shard -> {
                    if (shard == 1) {
                        starting.countDown();
                        try {
                            Fiber.sleep(LONG);
                        } catch (FiberCancelledException e) {
                            events.add("too late"); // it starts all the same
                        }
                    }
                };
        CompletableFuture<Fiber<?>> starter = new CompletableFuture<>();
        CompletableFuture<Object> start =
                shards.spawn(
                        2,
                        "starter",
                        () -> {
                            starter.complete(Fiber.current());
                            return start("s");
                        });
        starting.await();
        events.clear();
        starter.get().cancel();
        assertThatThrownBy(start::get).hasRootCauseInstanceOf(FiberCancelledException.class);
        Eventually.until("it has stopped", () -> events.size() == 4);
        assertThat(events).containsExactlyInAnyOrder("too late", "start s1", "stop s1", "stop s0");
    }

    @Test
    void runtimeStopsWhatTheProgramForgotTheLastFirst() throws Exception {
        start("a");
        start("b");
        start("c").stop();
        IOException failure = new IOException("disk full");
        onStop = shard -> throwIf(shard == 1, failure);
        events.clear();
        assertThat(shards.stop()).isTrue();
        assertThat(events).containsExactly("stop b2", "stop b0", "stop a2", "stop a0");
        assertThat(records.mentioning("service 'a' did not stop in order")).hasSize(1);
        assertThat(records.mentioning("service 'b' did not stop in order"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.getThrown()).isSameAs(failure));
    }

    @Test
    void runtimeStopsServicesBeforeItCancelsFibers() throws Exception {
        Sharded<Recorder> service = start("s");
        CountDownLatch asleep = new CountDownLatch(1);
        CompletableFuture<Object> program =
                shards.spawn(
                        0,
                        "program",
                        () -> {
                            asleep.countDown();
                            try (service) {
                                Fiber.sleep(LONG);
                            } finally {
                                events.add("cancelled");
                            }
                            return null;
                        });
        asleep.await();
        events.clear();
        assertThat(shards.stop()).isTrue();
        assertThat(events).containsExactly("stop s2", "stop s1", "stop s0", "cancelled");
        assertThatThrownBy(program::get).hasRootCauseInstanceOf(FiberCancelledException.class);
        service.stop(); // the runtime was first: nobody's mistake
    }

    @Test
    void serviceThatEndsItsFibersWhenItStopsLetsTheRuntimeEndInOrder() throws Exception {
        CompletableFuture<Fiber<Void>> fiber = new CompletableFuture<>();
        onStart =
                shard -> {
                    if (shard == 0) {
                        fiber.complete(Fiber.start("expiry", () -> Fiber.sleep(LONG)));
                    }
                };
        onStop =
                shard -> {
                    if (shard == 0) {
                        fiber.get().cancel();
                        try {
                            fiber.get().join();
                        } catch (FiberCancelledException e) {
                            events.add("joined");
                        }
                    }
                };
        start("s");
        assertThat(shards.stop()).isTrue();
        assertThat(events).endsWith("joined", "stop s0");
    }

    @Test
    void serviceThatWouldNotStopIsReportedAndCancelled() throws Exception {
        start("stubborn");
        onStop =
                shard -> {
                    if (shard == 2) {
                        Fiber.sleep(LONG);
                    }
                };
        events.clear();
        assertThat(shards.stop()).isTrue();
        assertThat(records.mentioning("stopping: services did not stop within 2000 ms")).hasSize(1);
        assertThat(events).contains("stop stubborn1", "stop stubborn0");
    }

    @Test
    void serviceCannotStartWhenTheRuntimeHasStopped() {
        shards.stop();
        assertThatThrownBy(() -> start("late"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the runtime has stopped");
        assertThat(events).isEmpty();
    }

    @Test
    void serviceThatStartsAsTheRuntimeStopsServicesIsStoppedAgain() throws Exception {
        start("old");
        CountDownLatch stopping = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        onStop =
                shard -> {
                    if (shard == 2) {
                        stopping.countDown();
                        refused.await();
                    }
                };
        CompletableFuture<Object> late =
                shards.spawn(
                        0,
                        "late",
                        () -> {
                            stopping.await();
                            onStop = shard -> {};
                            try {
                                return start("new");
                            } finally {
                                refused.countDown();
                            }
                        });
        assertThat(shards.stop()).isTrue();
        assertThatThrownBy(late::get)
                .hasRootCauseInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("service 'new' cannot start: the runtime is stopping");
        assertThat(events).containsSubsequence("start new2", "stop new2", "stop new1", "stop new0");
    }
}
