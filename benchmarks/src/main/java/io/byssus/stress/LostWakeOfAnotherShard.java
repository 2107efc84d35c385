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

/** A shard goes to sleep as another one calls it, as in {@code CallRing.send}. */
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
    public void target(ZZ_Result result) {
        signal.announceSleep();
        result.r1 = !ring.isEmpty();
    }

    /** The shard that calls. */
    @Actor
    public void source(ZZ_Result result) {
        ring.offer("call");
        result.r2 = signal.claimWake();
    }
}
