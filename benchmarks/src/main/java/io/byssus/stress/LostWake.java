package io.byssus.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.byssus.runtime.queue.WakeSignal;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** A shard goes to sleep as two threads send it something, as in {@code Reactor.execute}. */
@JCStressTest
@Outcome(id = "true, false, false", expect = ACCEPTABLE, desc = "Seen: the shard stays awake.")
@Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "Seen, and woken needlessly.")
@Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "Seen, and woken needlessly.")
@Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "Asleep, and woken.")
@Outcome(id = "false, false, true", expect = ACCEPTABLE, desc = "Asleep, and woken.")
@Outcome(id = "false, false, false", expect = FORBIDDEN, desc = "Asleep, and nobody wakes it.")
@Outcome(id = ".*, true, true", expect = FORBIDDEN, desc = "Two senders wake one sleep.")
@State
public class LostWake {
    private final MpscUnboundedVarHandleArrayQueue<Object> queue =
            new MpscUnboundedVarHandleArrayQueue<>(2);
    private final WakeSignal signal = new WakeSignal();

    /** The shard: {@code Reactor.idle}. */
    @Actor
    public void shard(ZZZ_Result result) {
        signal.announceSleep();
        result.r1 = !queue.isEmpty();
    }

    /** A sender. */
    @Actor
    public void sender(ZZZ_Result result) {
        queue.offer("message");
        result.r2 = signal.claimWake();
    }

    /** Another. */
    @Actor
    public void otherSender(ZZZ_Result result) {
        queue.offer("message");
        result.r3 = signal.claimWake();
    }
}
