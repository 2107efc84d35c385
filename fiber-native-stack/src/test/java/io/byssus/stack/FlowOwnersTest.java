package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.SipHash;
import io.byssus.stack.tcp.Flow;
import io.byssus.testing.Seeds;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** {@link FlowOwners}: bounded, and as a map would be. */
class FlowOwnersTest {
    private static final int ENTRIES_MAX = 64;
    private static final int STEPS = 100_000;

    private final FlowOwners owners = new FlowOwners(new SipHash(1, 2), ENTRIES_MAX);

    private record Between(long local, long remote, int ports) implements Flow {
        @Override
        public long localHigh() {
            return 0;
        }

        @Override
        public long localLow() {
            return local;
        }

        @Override
        public long remoteHigh() {
            return 0;
        }

        @Override
        public long remoteLow() {
            return remote;
        }
    }

    private static Between flow(int remotePort) {
        return new Between(1, 2, Flow.ports(80, remotePort));
    }

    private int find(Flow flow) {
        return owners.find(
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    @Test
    void findsWhatWasEnteredAndNothingElse() {
        assertThat(owners.count()).isZero();
        assertThat(owners.put(flow(1000), 3)).isTrue();
        assertThat(find(flow(1000))).isEqualTo(3);
        assertThat(find(flow(1001))).isEqualTo(FlowOwners.NONE);
        assertThat(find(new Between(2, 1, Flow.ports(1000, 80))))
                .as("the other direction is another flow")
                .isEqualTo(FlowOwners.NONE);
    }

    @Test
    void aFlowHasOneOwner() {
        assertThat(owners.put(flow(1000), 3)).isTrue();
        assertThat(owners.put(flow(1000), 4)).isFalse();
        assertThat(owners.put(flow(1000), 3)).as("again").isTrue();
        assertThat(owners.count()).isEqualTo(1);
        owners.remove(flow(1000), 4);
        assertThat(find(flow(1000))).as("removed by another").isEqualTo(3);
        owners.remove(flow(1000), 3);
        assertThat(find(flow(1000))).isEqualTo(FlowOwners.NONE);
        owners.remove(flow(1000), 3);
        assertThat(owners.count()).as("removed twice").isZero();
        assertThat(owners.put(flow(1000), 4)).isTrue();
    }

    @Test
    void aFullTableRefusesUntilAFlowHasEnded() {
        for (int port = 0; port < ENTRIES_MAX; port++) {
            assertThat(owners.isFull()).isFalse();
            assertThat(owners.put(flow(port), 1)).isTrue();
        }
        assertThat(owners.isFull()).isTrue();
        assertThat(owners.put(flow(99), 1)).isFalse();
        assertThat(owners.put(flow(5), 1)).as("is there").isTrue();
        assertThat(find(flow(99))).isEqualTo(FlowOwners.NONE);
        owners.remove(flow(2), 1);
        assertThat(owners.put(flow(99), 1)).isTrue();
        assertThat(find(flow(99))).isEqualTo(1);
        assertThat(owners.count()).isEqualTo(ENTRIES_MAX);
    }

    @Test
    void isWhatAMapIs() {
        SplittableRandom random = new SplittableRandom(Seeds.next("FlowOwners as a map"));
        Map<Between, Integer> model = new HashMap<>();
        for (int step = 0; step < STEPS; step++) {
            Between flow =
                    new Between(random.nextInt(2), random.nextInt(2), random.nextInt(ENTRIES_MAX));
            int shard = random.nextInt(3);
            if (random.nextBoolean()) {
                boolean fits = model.containsKey(flow) || model.size() < ENTRIES_MAX;
                if (fits) {
                    model.putIfAbsent(flow, shard);
                }
                assertThat(owners.put(flow, shard)).isEqualTo(fits && model.get(flow) == shard);
            } else {
                model.remove(flow, shard);
                owners.remove(flow, shard);
            }
            assertThat(owners.count()).isEqualTo(model.size());
            assertThat(find(flow)).isEqualTo(model.getOrDefault(flow, FlowOwners.NONE));
        }
        model.forEach((flow, shard) -> assertThat(find(flow)).isEqualTo(shard));
    }

    @Test
    void lookingUpAllocatesNothing() {
        for (int port = 0; port < ENTRIES_MAX; port++) {
            owners.put(flow(port), port);
        }
        long sum = lookUp(STEPS);
        long before = allocatedBytes();
        sum += lookUp(STEPS);
        assertThat(allocatedBytes() - before).as("sum=" + sum).isLessThan(STEPS);
    }

    /** Half of them are there. */
    private long lookUp(int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += owners.find(0, 1, 0, 2, Flow.ports(80, i % (2 * ENTRIES_MAX)));
        }
        return sum;
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
