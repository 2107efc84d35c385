package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class CallInboxTest {
    private static final int TURNS = 50;

    /**
     * So few turns are interpreted, so what the JIT may or may not do away with counts: an iterator
     * for each ring was 128 bytes per turn once the JIT had seen enough other code to give up.
     */
    @Test
    void aTurnThatFindsNothingAllocatesNothingEvenWhileInterpreted() throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            CallInbox one = new CallInbox(new SteppedReactor(0, clock).reactor());
            CallInbox other = new CallInbox(new SteppedReactor(1, clock).reactor());
            one.callsTo(other);
            other.callsTo(one);
            look(one);
            long first = allocatedBytes();
            long before = allocatedBytes();
            for (int i = 0; i < TURNS; i++) {
                look(one);
            }
            assertThat(allocatedBytes() - before).isLessThanOrEqualTo(before - first);
        });
    }

    private static void look(CallInbox inbox) {
        if (inbox.drain() > 0 || !inbox.isEmpty()) {
            throw new AssertionError("nobody has called");
        }
        inbox.publish();
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
