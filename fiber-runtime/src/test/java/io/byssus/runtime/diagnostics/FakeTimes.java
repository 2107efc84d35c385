package io.byssus.runtime.diagnostics;

import io.byssus.runtime.os.ThreadTimes.State;
import io.byssus.runtime.time.Clock;
import java.time.Duration;

/** What a test says that a thread's time was spent on. */
final class FakeTimes implements PlatformTimes {
    State state = State.RUNNABLE;

    /** Happens as the state is asked for. */
    Runnable meanwhile = () -> {};

    private long run;
    private long waited;
    private long runRead;
    private long waitedRead;

    /** Pauses that {@code collectors} counted, and nothing else. */
    static JvmPauses pauses(FakeTimes collectors) {
        FakeTimes sampler = new FakeTimes();
        Clock still = () -> 0;
        JvmPauses pauses = new JvmPauses(still, sampler, () -> collectors.run);
        pauses.sleeps(1);
        return pauses;
    }

    void run(Duration time) {
        run += time.toNanos();
    }

    void waited(Duration time) {
        waited += time.toNanos();
    }

    @Override
    public void read() {
        runRead = run;
        waitedRead = waited;
    }

    @Override
    public long runNanos() {
        return runRead;
    }

    @Override
    public long waitNanos() {
        return waitedRead;
    }

    @Override
    public State state() {
        meanwhile.run();
        return state;
    }

    @Override
    public void close() {
        // nothing is held
    }
}
