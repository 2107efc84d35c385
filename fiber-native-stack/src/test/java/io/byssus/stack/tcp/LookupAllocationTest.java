package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.SipHash;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is done for each segment, or each SYN of a flood, leaves nothing for the collector. */
class LookupAllocationTest {
    private static final int FLOWS = 64;
    private static final int WARM_UP = 20_000;
    private static final int MEASURED = 20_000;

    private final Random random = new Random(Seeds.next("LookupAllocationTest"));
    private final SipHash secret = new SipHash(random);
    private final FlowTable<TestFlow> table = new FlowTable<>(secret, FLOWS);
    private final TimeWaitTable timeWait = new TimeWaitTable(secret, FLOWS / 2, 1000);
    private final InitialSequence sequence = new InitialSequence(secret);
    private final TimestampClock timestamps = new TimestampClock(secret);
    private final SynCookies cookies = new SynCookies(secret);
    private final ChallengeAckLimiter limiter = new ChallengeAckLimiter(random, 1000, 0);
    private final PortSelector ports = new PortSelector(secret, random);
    private final TestFlow[] flows = new TestFlow[FLOWS];
    private final PortSelector.Candidates candidates = new SomePorts();

    /** Every second port hashes home, every fourth of them is free. */
    private static final class SomePorts implements PortSelector.Candidates {
        @Override
        public boolean hashesHome(int port) {
            return port % 2 == 0;
        }

        @Override
        public boolean isFree(int port) {
            return port % 8 == 0;
        }
    }

    /** Uses the result, so that the work is done. */
    private int segment(long now, TestFlow flow) {
        long a = flow.localHigh();
        long b = flow.localLow();
        long c = flow.remoteHigh();
        long d = flow.remoteLow();
        int e = flow.ports();
        TestFlow found = table.find(a, b, c, d, e);
        boolean changed = found == null ? table.put(flow) : table.remove(flow);
        int record = timeWait.find(a, b, c, d, e);
        int result = changed ? 1 : 0;
        if (record == TimeWaitTable.NONE) {
            timeWait.timestampRecent(timeWait.add(now, flow, 1, 2), 3);
        } else {
            result += timeWait.onSegment(now, record, TcpHeader.SYN, 1, 0, 4).ordinal();
        }
        result += timeWait.onDeadline(now);
        result += ToeplitzHash.shard(ToeplitzHash.SYMMETRIC.ofFlow(a, b, c, d, e), 3);
        result += sequence.next(now, a, b, c, d, e);
        result += TimestampClock.value(now, timestamps.offset(a, b, c, d, e));
        cookies.noteOverflow(now);
        result += cookies.check(now, a, b, c, d, e, cookies.cookie(now, a, b, c, d, e, 1, 2), 1);
        result += limiter.allows(now, now) ? 1 : 0;
        return result + ports.select(a, b, c, d, e, candidates);
    }

    private long run(int segments) {
        long sum = 0;
        for (int i = 0; i < segments; i++) {
            sum += segment(i * 50L, flows[random.nextInt(FLOWS)]);
        }
        return sum;
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    @Test
    void nothingIsAllocatedForASegment() {
        for (int i = 0; i < FLOWS; i++) {
            flows[i] = TestFlow.random(random);
        }
        long sum = run(WARM_UP);
        long before = allocatedBytes();
        sum += run(MEASURED);
        long allocated = allocatedBytes() - before;
        // A table that grows or shrinks once in a while, or begins after being empty.
        assertThat(allocated).as("sum=" + sum).isLessThan(MEASURED);
    }
}
