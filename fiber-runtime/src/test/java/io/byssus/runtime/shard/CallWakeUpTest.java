package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls and answers wake a shard that sleeps, and cost one system call however many they are. */
class CallWakeUpTest {
    /** Its sleep is what the test does meanwhile. */
    private static final class Dream implements ReactorBackend {
        private final List<String> events = new ArrayList<>();
        private Runnable meanwhile = () -> {};

        @Override
        public int poll() {
            return 0;
        }

        @Override
        public int await(long timeoutNanos) {
            events.add("asleep");
            Runnable now = meanwhile;
            meanwhile = () -> {};
            now.run();
            events.add("awake");
            return 0;
        }

        @Override
        public void wake() {
            events.add("wake");
        }

        @Override
        public void close() {}
    }

    private final ManualClock clock = new ManualClock();
    private final Dream callersSleep = new Dream();
    private final Dream targetsSleep = new Dream();
    private SteppedReactor caller;
    private SteppedReactor target;
    private CallRing ring;
    private int ran;

    private void connect() {
        target = new SteppedReactor(1, clock, targetsSleep, BufferPool.Mode.TRACKING);
        caller = new SteppedReactor(0, clock, callersSleep, BufferPool.Mode.TRACKING);
        CallInbox callersInbox = new CallInbox(caller.reactor());
        CallInbox targetsInbox = new CallInbox(target.reactor());
        ring = callersInbox.callsTo(targetsInbox);
        caller.reactor().messages(callersInbox);
        target.reactor().messages(targetsInbox);
    }

    private List<Fiber<Integer>> call(int count) {
        List<Fiber<Integer>> callers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            callers.add(
                    caller.start(
                            "caller",
                            () -> {
                                ShardCall<Integer> call = new ShardCall<>(ring, () -> ran++);
                                call.send();
                                return call.await();
                            }));
        }
        return callers;
    }

    private static void sleep(SteppedReactor sleeper) {
        assertThat(sleeper.reactor().turn(Reactor.Wait.ALLOWED)).isTrue();
    }

    @Test
    void sleepingShardIsWokenOnceByManyCallsAndItsAnswersWakeTheCallersShardOnce()
            throws Throwable {
        SteppedReactor.onCarrier(() -> {
            connect();
            targetsSleep.meanwhile =
                    () -> {
                        call(50);
                        caller.settle();
                    };
            sleep(target);
            assertThat(targetsSleep.events).containsExactly("asleep", "wake", "awake");

            callersSleep.meanwhile = target::settle;
            sleep(caller);
            assertThat(callersSleep.events).containsExactly("asleep", "wake", "awake");
            assertThat(ran).isEqualTo(50);
            caller.settle();
            assertThat(Fiber.liveOn(caller.reactor())).isEmpty();
        });
    }

    @Test
    void shardThatIsAwakeIsNotWoken() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            connect();
            call(50);
            for (int i = 0; i < 3; i++) {
                caller.settle();
                target.settle();
            }
            assertThat(ran).isEqualTo(50);
            assertThat(targetsSleep.events).isEmpty();
            assertThat(callersSleep.events).isEmpty();
        });
    }

    @Test
    void roomInAFullRingWakesTheCallersShardOnce() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            connect();
            call(CallRing.CAPACITY + 10);
            caller.settle();
            callersSleep.meanwhile = target::settle;
            sleep(caller);
            assertThat(callersSleep.events).containsExactly("asleep", "wake", "awake");
            for (int i = 0; i < 3; i++) {
                caller.settle();
                target.settle();
            }
            assertThat(ran).isEqualTo(CallRing.CAPACITY + 10);
        });
    }
}
