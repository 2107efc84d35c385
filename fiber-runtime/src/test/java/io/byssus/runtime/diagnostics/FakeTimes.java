package io.byssus.runtime.diagnostics;

import io.byssus.runtime.os.ThreadTimes.State;
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
