package io.byssus.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.byssus.runtime.queue.WakeSignal;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two threads send something to a shard that sleeps: one of them wakes it. */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The first wakes it.")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The second wakes it.")
@Outcome(id = "true, true", expect = FORBIDDEN, desc = "Both pay for a wake-up.")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "Nobody wakes it.")
@State
public class OneClaimer {
    private final WakeSignal signal = new WakeSignal();

    /** The shard sleeps. */
    public OneClaimer() {
        signal.announceSleep();
    }

    /** A sender. */
    @Actor
    public void sender(ZZ_Result result) {
        result.r1 = signal.claimWake();
    }

    /** Another. */
    @Actor
    public void otherSender(ZZ_Result result) {
        result.r2 = signal.claimWake();
    }
}
