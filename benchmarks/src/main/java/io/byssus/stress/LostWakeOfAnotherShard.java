package io.byssus.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.byssus.runtime.queue.WakeSignal;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A shard goes to sleep as another one sends it two calls in one turn, as in {@code CallRing.send}:
 * the fence comes after both.
 */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Seen: the shard stays awake.")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and woken needlessly.")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Asleep, and woken.")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "Asleep, and nobody wakes it.")
@State
public class LostWakeOfAnotherShard {
    private final SpscVarHandleArrayQueue<Object> ring = new SpscVarHandleArrayQueue<>(4);
    private final WakeSignal signal = new WakeSignal();

    /** The shard that is called. */
    @Actor
    public void sleeper(ZZ_Result result) {
        signal.announceSleep();
        result.r1 = ring.peek() != null;
    }

    /** The shard that calls: {@code Doorbell.ring}, twice, and {@code ringForCertain}. */
    @Actor
    public void sender(ZZ_Result result) {
        boolean woken = false;
        boolean certain = true;
        for (int i = 0; i < 2; i++) {
            ring.offer("call");
            if (signal.isSeenAsleep()) {
                woken |= signal.claimWake();
            } else {
                certain = false;
            }
        }
        if (!certain) {
            woken |= signal.claimWake();
        }
        result.r2 = woken;
    }
}
