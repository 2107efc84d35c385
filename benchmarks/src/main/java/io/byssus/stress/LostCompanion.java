package io.byssus.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.byssus.runtime.queue.SleepCompanion;
import io.byssus.runtime.queue.WakeSignal;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/** A shard wakes as the stall detector goes to sleep with it, as in {@code StallDetector}. */
@JCStressTest(Mode.Termination)
@Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "It saw the shard awake, or was woken.")
@Outcome(id = "STALE", expect = FORBIDDEN, desc = "It sleeps beside a shard that is awake.")
@State
public class LostCompanion {
    private final WakeSignal signal = new WakeSignal();
    private final SleepCompanion companion = new SleepCompanion();

    /** The shard sleeps. */
    public LostCompanion() {
        signal.announceSleep();
    }

    /** The detector. */
    @Actor
    public void detector() {
        companion.join(Thread.currentThread());
        while (signal.isSleeping()) {
            LockSupport.park(this);
        }
    }

    /** The shard: {@code Reactor.idle}. */
    @Signal
    public void shard() {
        signal.awake();
        companion.awake();
    }
}
