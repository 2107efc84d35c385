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
 * A caller finds the ring full as the target takes a call out: {@code sendWhenThereIsRoom} and
 * {@code roomMade} of {@code CallRing}. The roles of the signal are swapped: the source sleeps.
 */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Room found: the call is sent.")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Sent, and told needlessly.")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "No room: the caller parks and is told.")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "The caller parks for ever.")
@State
public class RoomInCallRing {
    private static final int CAPACITY = 4;

    private final SpscVarHandleArrayQueue<Object> ring = new SpscVarHandleArrayQueue<>(CAPACITY);
    private final WakeSignal room = new WakeSignal();

    /** The ring is full. */
    public RoomInCallRing() {
        for (int i = 0; i < CAPACITY; i++) {
            ring.offer("call");
        }
    }

    /** A fiber of the source shard. */
    @Actor
    public void source(ZZ_Result result) {
        room.announceSleep();
        result.r1 = ring.offer("one more");
    }

    /** The target shard's turn. */
    @Actor
    public void target(ZZ_Result result) {
        for (int i = 0; i < CAPACITY; i++) {
            ring.poll();
        }
        result.r2 = room.claimWake();
    }
}
