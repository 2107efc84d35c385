package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.stack.ip.SipHash;
import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlowTableTest {
    private static final int ANY = 1 << 20;

    private final Random random = new Random(Seeds.next("FlowTableTest"));
    private final FlowTable<TestFlow> table = new FlowTable<>(new SipHash(random), ANY);

    private TestFlow find(TestFlow key) {
        return table.find(
                key.localHigh(), key.localLow(), key.remoteHigh(), key.remoteLow(), key.ports());
    }

    /** Flows whose first slots are the same in a table of up to 4096. */
    private List<TestFlow> colliding(int count) {
        List<TestFlow> flows = new ArrayList<>();
        int home = random.nextInt() & 0xfff;
        while (flows.size() < count) {
            TestFlow flow = TestFlow.random(random);
            if ((table.hashOf(flow) & 0xfff) == home) {
                flows.add(flow);
            }
        }
        return flows;
    }

    /** Two flows whose hashes are the same altogether. */
    private List<TestFlow> twins() {
        Map<Integer, TestFlow> seen = new HashMap<>();
        while (true) {
            TestFlow flow = TestFlow.random(random);
            TestFlow twin = seen.put(table.hashOf(flow), flow);
            if (twin != null && !twin.equals(flow)) {
                return List.of(flow, twin);
            }
        }
    }

    /** Random operations on {@code flows}; the model is a map. */
    private void operate(List<TestFlow> flows, int operations) {
        Map<TestFlow, TestFlow> model = new HashMap<>();
        for (int i = 0; i < operations; i++) {
            TestFlow flow = flows.get(random.nextInt(flows.size()));
            // Phases in which it fills and phases in which it empties.
            boolean fill = random.nextInt(8) < ((i / flows.size() / 2) % 2 == 0 ? 6 : 2);
            if (fill && !model.containsKey(flow)) {
                assertThat(table.put(flow)).isTrue();
                model.put(flow, flow);
            } else if (!fill) {
                assertThat(table.remove(flow)).isEqualTo(model.remove(flow) != null);
            }
            assertThat(table.size()).isEqualTo(model.size());
            TestFlow other = flows.get(random.nextInt(flows.size()));
            assertThat(find(other)).isSameAs(model.get(other));
            if (i % 1000 == 0) {
                assertThat(flows).allSatisfy(f -> assertThat(find(f)).isSameAs(model.get(f)));
                assertThat(table.snapshot()).containsExactlyInAnyOrderElementsOf(model.keySet());
            }
        }
    }

    @Test
    void behavesLikeAMap() {
        List<TestFlow> flows = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            flows.add(TestFlow.random(random));
        }
        operate(flows, 50_000);
    }

    @Test
    void behavesLikeAMapWhenItIsSmall() {
        List<TestFlow> flows = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            flows.add(TestFlow.random(random));
        }
        operate(flows, 20_000);
    }

    @Test
    void behavesLikeAMapWhenHashesCollide() {
        List<TestFlow> flows = colliding(40);
        flows.addAll(twins());
        operate(flows, 20_000);
    }

    @Test
    void equalHashesAreNotEqualFlows() {
        List<TestFlow> twins = twins();
        table.put(twins.get(0));
        assertThat(find(twins.get(1))).isNull();
        table.put(twins.get(1));
        assertThat(find(twins.get(0))).isSameAs(twins.get(0));
        assertThat(find(twins.get(1))).isSameAs(twins.get(1));
        table.remove(twins.get(0));
        assertThat(find(twins.get(0))).isNull();
        assertThat(find(twins.get(1))).isSameAs(twins.get(1));
    }

    @Test
    void everyPartOfTheKeyCounts() {
        TestFlow flow = new TestFlow(1, 2, 3, 4, 5);
        table.put(flow);
        assertThat(table.find(1, 2, 3, 4, 5)).isSameAs(flow);
        assertThat(table.find(9, 2, 3, 4, 5)).isNull();
        assertThat(table.find(1, 9, 3, 4, 5)).isNull();
        assertThat(table.find(1, 2, 9, 4, 5)).isNull();
        assertThat(table.find(1, 2, 3, 9, 5)).isNull();
        assertThat(table.find(1, 2, 3, 4, 9)).isNull();
        assertThat(table.find(3, 4, 1, 2, 5)).isNull();
    }

    @Test
    void onlyTheVeryValueIsRemoved() {
        TestFlow flow = TestFlow.random(random);
        TestFlow equal =
                new TestFlow(
                        flow.localHigh(),
                        flow.localLow(),
                        flow.remoteHigh(),
                        flow.remoteLow(),
                        flow.ports());
        table.put(flow);
        assertThat(table.remove(equal)).isFalse();
        assertThat(find(equal)).isSameAs(flow);
    }

    @Test
    void aFlowIsEnteredOnce() {
        TestFlow flow = TestFlow.random(random);
        table.put(flow);
        assertThatThrownBy(() -> table.put(flow)).isInstanceOf(AssertionError.class);
    }

    @Test
    void isBoundedAndCountsWhatItRefuses() {
        FlowTable<TestFlow> small = new FlowTable<>(new SipHash(random), 3);
        List<TestFlow> flows = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            flows.add(TestFlow.random(random));
            assertThat(small.put(flows.get(i))).isEqualTo(i < 3);
        }
        assertThat(small.refused()).isEqualTo(2);
        assertThat(small.size()).isEqualTo(3);
        small.remove(flows.get(0));
        assertThat(small.put(flows.get(4))).isTrue();
    }

    @Test
    void growsAndShrinksWithWhatIsInIt() {
        List<TestFlow> flows = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            flows.add(TestFlow.random(random));
            table.put(flows.get(i));
            assertThat(table.slots())
                    .isBetween(2 * table.size(), Math.max(4 * table.size(), FlowTable.SLOTS_MIN));
        }
        for (TestFlow flow : flows) {
            table.remove(flow);
            assertThat(table.slots())
                    .isBetween(2 * table.size(), Math.max(8 * table.size(), FlowTable.SLOTS_MIN));
        }
        assertThat(table.size()).isZero();
        assertThat(table.slots()).isEqualTo(FlowTable.SLOTS_MIN);
    }

    @Test
    void flowsThatCollideUnderOneSecretDoNotUnderAnother() {
        FlowTable<TestFlow> other = new FlowTable<>(new SipHash(random), ANY);
        long homes =
                colliding(64).stream().map(flow -> other.hashOf(flow) & 0xfff).distinct().count();
        assertThat(homes).isGreaterThan(50);
    }
}
