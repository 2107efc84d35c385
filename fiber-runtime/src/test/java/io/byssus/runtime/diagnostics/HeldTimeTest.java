package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.os.ThreadTimes.State;
import io.byssus.runtime.time.Clock;
import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Milliseconds are what is compared here. */
class HeldTimeTest {
    private final ManualClock clock = new ManualClock();
    private final FakeTimes times = new FakeTimes();
    private final FakeTimes collectors = new FakeTimes();
    private final JvmPauses pauses = FakeTimes.pauses(collectors);
    private final HeldTime time = new HeldTime(clock, times, pauses);

    @BeforeEach
    void begin() {
        times.run(ms(1_000)); // of tasks before
        times.waited(ms(1_000));
        assertThat(time.look()).isTrue();
        time.begin();
    }

    @Test
    void timeOnTheProcessorIsTheTasksOwn() {
        for (int i = 0; i < 4; i++) {
            pass(5, 5, 0, State.RUNNABLE, 0);
        }
        assertSplit(20, 20, 0, 0, 0);
    }

    @Test
    void timeBlockedIsTheTasksOwn() {
        pass(5, 1, 0, State.WAITING, 0);
        pass(5, 0, 0, State.DISK, 0);
        assertSplit(10, 1, 9, 0, 0);
        assertThat(time.waitsForDisk()).isTrue();
    }

    @Test
    void waitForAProcessorThatGoesOnIsNotAlthoughTheKernelHasNotCountedItYet() {
        pass(5, 5, 0, State.RUNNABLE, 0);
        for (int i = 0; i < 6; i++) {
            pass(5, 0, 0, State.RUNNABLE, 0);
        }
        assertSplit(35, 5, 0, 30, 0);
    }

    @Test
    void waitIsCountedOnceWhenItIsOver() {
        pass(5, 0, 0, State.RUNNABLE, 0);
        pass(5, 0, 0, State.RUNNABLE, 0);
        pass(5, 5, 10, State.RUNNABLE, 0);
        assertSplit(15, 5, 0, 10, 0);
        pass(5, 0, 5, State.RUNNABLE, 0);
        assertSplit(20, 5, 0, 15, 0);
    }

    @Test
    void blockedTaskThatIsRunnableAgainKeepsWhatItWasBlockedFor() {
        for (int i = 0; i < 6; i++) {
            pass(5, 0, 0, State.WAITING, 0);
        }
        pass(5, 0, 0, State.RUNNABLE, 0);
        assertSplit(35, 0, 30, 5, 0);
    }

    @Test
    void pauseOfTheWholeJvmIsNot() {
        pass(5, 5, 0, State.RUNNABLE, 0);
        pass(100, 2, 0, State.WAITING, 95);
        assertSplit(105, 7, 0, 0, 98);
    }

    @Test
    void blockedTaskKeepsWhatItWasBlockedForBeforeAPauseAndAfterIt() {
        pass(10, 0, 0, State.WAITING, 0);
        pass(10, 0, 0, State.WAITING, 3);
        pass(10, 0, 0, State.WAITING, 0);
        assertSplit(30, 0, 20, 0, 10);
    }

    @Test
    void samplerThatIsALittleLateIsNoPause() {
        collectors.run(Duration.ofNanos(999_999));
        pass(5, 0, 0, State.WAITING, 0);
        assertSplit(5, 0, 5, 0, 0);
    }

    @Test
    void waitThatBeginsAsAnEarlierOneIsCountedIsNoBlocking() {
        pass(10, 3, 0, State.RUNNABLE, 0); // then it waits for 7
        pass(10, 0, 0, State.RUNNABLE, 0);
        pass(10, 3, 20, State.RUNNABLE, 0); // 3 of that wait are of now; then it waits for 4
        pass(10, 0, 0, State.RUNNABLE, 0);
        assertSplit(40, 6, 0, 34, 0);
        pass(10, 3, 17, State.RUNNABLE, 0);
        assertSplit(50, 9, 0, 41, 0);
    }

    @Test
    void timeThatAHypervisorTookIsNoBlocking() {
        for (int i = 0; i < 4; i++) {
            pass(10, 4, 0, State.RUNNABLE, 0);
        }
        assertSplit(40, 16, 0, 24, 0);
        pass(10, 4, 0, State.WAITING, 0);
        assertSplit(50, 20, 6 + 4, 20, 0);
    }

    @Test
    void whatTheKernelCountsAsWaitingAfterwardsIsTakenBack() {
        pass(10, 0, 0, State.WAITING, 0);
        assertSplit(10, 0, 10, 0, 0);
        pass(10, 2, 12, State.RUNNABLE, 0);
        assertSplit(20, 2, 6, 12, 0);
    }

    @Test
    void nobodyIsBlamedForWhatTheKernelDoesNotTell() {
        pass(10, 2, 0, State.UNKNOWN, 0);
        assertSplit(10, 2, 0, 8, 0);
    }

    @Test
    void lateSamplerIsNoPauseWhileTheTaskRuns() {
        pass(100, 100, 0, State.RUNNABLE, 95);
        assertSplit(100, 100, 0, 0, 0);
    }

    @Test
    void stoppedThreadIsPaused() {
        pass(5, 0, 0, State.STOPPED, 0);
        assertSplit(5, 0, 0, 0, 5);
    }

    @Test
    void figuresOfDifferentMomentsNeverAddUpToMoreThanTheTime() {
        pass(5, 15, 3, State.RUNNABLE, 0);
        assertThat(time.totalNanos()).isEqualTo(ms(5).toNanos());
        assertThat(time.ownNanos()).isEqualTo(ms(5).toNanos());
        assertThat(time.runNanos()).isEqualTo(ms(5).toNanos());
    }

    @Test
    void lookThatTakesLongIsThrownAway() {
        Clock interrupted =
                () -> {
                    clock.advance(ms(1));
                    return clock.nanoTime();
                };
        assertThat(new HeldTime(interrupted, times, pauses).look()).isFalse();
        assertThat(new HeldTime(interrupted, times, pauses).lookAgain()).isFalse();
    }

    @Test
    void stateOfAnotherMomentIsThrownAwayToo() {
        times.meanwhile = () -> clock.advance(ms(1));
        assertThat(time.lookAgain()).isFalse();
    }

    @Test
    void nextTaskStartsAtZero() {
        pass(50, 20, 20, State.WAITING, 5);
        assertThat(time.look()).isTrue();
        time.begin();
        assertSplit(0, 0, 0, 0, 0);
    }

    private void pass(long elapsed, long run, long waited, State state, long paused) {
        clock.advance(ms(elapsed));
        times.run(ms(run));
        times.waited(ms(waited));
        times.state = state;
        collectors.run(ms(paused));
        assertThat(time.lookAgain()).isTrue();
        time.goOn();
    }

    private void assertSplit(long total, long run, long blocked, long descheduled, long paused) {
        assertThat(
                        new long[] {
                            time.totalNanos(),
                            time.runNanos(),
                            time.blockedNanos(),
                            time.descheduledNanos(),
                            time.pausedNanos(),
                            time.ownNanos()
                        })
                .as("total, run, blocked, descheduled, paused, own")
                .containsExactly(
                        ms(total).toNanos(),
                        ms(run).toNanos(),
                        ms(blocked).toNanos(),
                        ms(descheduled).toNanos(),
                        ms(paused).toNanos(),
                        ms(run + blocked).toNanos());
    }

    private static Duration ms(long millis) {
        return Duration.ofMillis(millis);
    }
}
