package io.byssus.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.byssus.runtime.queue.WakeSignal;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A shard goes to sleep as a thread sends it a task, as in {@code Reactor.execute}. */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Seen: the shard stays awake.")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and woken needlessly.")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Asleep, and woken.")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "Asleep, and nobody wakes it.")
@State
public class LostWake {
    private final MpscUnboundedVarHandleArrayQueue<Object> queue =
            new MpscUnboundedVarHandleArrayQueue<>(2);
    private final WakeSignal signal = new WakeSignal();

    /** The shard: {@code Reactor.idle}. */
    @Actor
    public void shard(ZZ_Result result) {
        signal.announceSleep();
        result.r1 = !queue.isEmpty();
    }

    /** Any other thread. */
    @Actor
    public void sender(ZZ_Result result) {
        queue.offer("task");
        result.r2 = signal.claimWake();
    }
}
