package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.stack.ip.SipHash;
import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The table; what it does with segments is in {@link TimeWaitSegmentTest}. */
class TimeWaitTableTest {
    private static final long DURATION = TimeWaitTable.DURATION_NANOS;

    private final Random random = new Random(Seeds.next("TimeWaitTableTest"));

    /** What the model knows of a record. */
    private record Entry(int sendNext, int receiveNext, long expiry) {}

    private TimeWaitTable table(int recordsMax) {
        return new TimeWaitTable(new SipHash(random), recordsMax, DURATION);
    }

    private static int find(TimeWaitTable table, TestFlow flow) {
        return table.find(
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    @Test
    @Tag("MUST-13")
    void aRecordStaysForTwiceTheSegmentLifetime() {
        TimeWaitTable table = table(10);
        TestFlow flow = TestFlow.random(random);
        long now = random.nextLong() / 2;
        table.add(now, flow, 1, 2);
        assertThat(table.deadline()).isEqualTo(now + DURATION);
        assertThat(table.onDeadline(now + DURATION - 1)).isZero();
        assertThat(find(table, flow)).isNotEqualTo(TimeWaitTable.NONE);
        assertThat(table.onDeadline(now + DURATION)).isEqualTo(1);
        assertThat(find(table, flow)).isEqualTo(TimeWaitTable.NONE);
        assertThat(table.expired()).isEqualTo(1);
        assertThat(table.deadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    @Tag("MUST-13")
    void theOldestGoesBeforeItsTimeWhenTheTableIsFullAndIsCounted() {
        TimeWaitTable table = table(100);
        List<TestFlow> flows = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            flows.add(TestFlow.random(random));
            table.add(i, flows.get(i), i, -i);
        }
        assertThat(table.size()).isEqualTo(100);
        assertThat(table.evicted()).isEqualTo(150);
        for (int i = 0; i < 250; i++) {
            int record = find(table, flows.get(i));
            assertThat(record != TimeWaitTable.NONE).isEqualTo(i >= 150);
        }
        assertThat(table.deadline()).isEqualTo(150 + DURATION);
    }

    @Test
    void aRecordKeepsWhatItWasGiven() {
        TimeWaitTable table = table(1000);
        Map<TestFlow, Integer> values = new LinkedHashMap<>();
        for (int i = 0; i < 1000; i++) {
            TestFlow flow = TestFlow.random(random);
            int value = random.nextInt();
            int record = table.add(i, flow, value, value + 1);
            if (i % 2 == 0) {
                table.timestampRecent(record, value + 2);
            }
            values.put(flow, value);
        }
        int i = 0;
        for (Map.Entry<TestFlow, Integer> entry : values.entrySet()) {
            int record = find(table, entry.getKey());
            assertThat(table.sendNext(record)).isEqualTo(entry.getValue());
            assertThat(table.receiveNext(record)).isEqualTo(entry.getValue() + 1);
            assertThat(table.expiry(record)).isEqualTo(i + DURATION);
            assertThat(table.hasTimestamps(record)).isEqualTo(i % 2 == 0);
            if (i % 2 == 0) {
                assertThat(table.timestampRecent(record)).isEqualTo(entry.getValue() + 2);
            }
            i++;
        }
    }

    @Test
    void aFlowHasOneRecordThatIsReplaced() {
        TimeWaitTable table = table(10);
        TestFlow flow = TestFlow.random(random);
        TestFlow other = TestFlow.random(random);
        table.timestampRecent(table.add(0, flow, 1, 2), 3);
        table.add(1, other, 7, 8);
        table.add(5, flow, 4, 5);
        assertThat(table.size()).isEqualTo(2);
        int record = find(table, flow);
        assertThat(table.sendNext(record)).isEqualTo(4);
        assertThat(table.receiveNext(record)).isEqualTo(5);
        assertThat(table.hasTimestamps(record)).isFalse();
        assertThat(table.expiry(record)).isEqualTo(5 + DURATION);
        assertThat(table.deadline()).isEqualTo(1 + DURATION);
    }

    @Test
    void behavesLikeAMapInOrderOfInsertion() {
        int recordsMax = 300;
        TimeWaitTable table = table(recordsMax);
        Map<TestFlow, Entry> model = new LinkedHashMap<>();
        List<TestFlow> flows = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            flows.add(TestFlow.random(random));
        }
        long now = -DURATION;
        long evicted = 0;
        for (int i = 0; i < 100_000; i++) {
            // Sometimes so slow that it empties.
            now += random.nextLong(i / 5000 % 3 == 0 ? DURATION / 20 : DURATION / 2000);
            TestFlow flow = flows.get(random.nextInt(flows.size()));
            int record = find(table, flow);
            Entry entry = model.get(flow);
            assertThat(record != TimeWaitTable.NONE).isEqualTo(entry != null);
            if (entry != null) {
                assertThat(table.sendNext(record)).isEqualTo(entry.sendNext());
                assertThat(table.receiveNext(record)).isEqualTo(entry.receiveNext());
                assertThat(table.expiry(record)).isEqualTo(entry.expiry());
            }
            if (entry != null && random.nextBoolean()) {
                table.remove(record);
                model.remove(flow);
            } else {
                model.remove(flow);
                if (model.size() == recordsMax) {
                    model.remove(model.keySet().iterator().next());
                    evicted++;
                }
                Entry added = new Entry(i, random.nextInt(), now + DURATION);
                table.add(now, flow, added.sendNext(), added.receiveNext());
                model.put(flow, added);
            }
            expire(table, model, now);
            assertThat(table.size()).isEqualTo(model.size());
            assertThat(table.evicted()).isEqualTo(evicted);
        }
        assertThat(evicted).isPositive();
        assertThat(table.expired()).isPositive();
    }

    private static void expire(TimeWaitTable table, Map<TestFlow, Entry> model, long now) {
        Iterator<Entry> entries = model.values().iterator();
        Entry first = entries.hasNext() ? entries.next() : null;
        assertThat(table.deadline()).isEqualTo(first == null ? Long.MAX_VALUE : first.expiry());
        while (table.deadline() <= now) {
            table.onDeadline(now);
        }
        model.values().removeIf(entry -> entry.expiry() <= now);
    }

    @Test
    void expiresABoundedNumberAtOnce() {
        TimeWaitTable table = table(1000);
        for (int i = 0; i < 600; i++) {
            table.add(0, TestFlow.random(random), 1, 2);
        }
        assertThat(table.onDeadline(DURATION)).isEqualTo(TimeWaitTable.EXPIRE_MAX);
        assertThat(table.deadline()).isEqualTo(DURATION);
        assertThat(table.onDeadline(DURATION)).isEqualTo(TimeWaitTable.EXPIRE_MAX);
        assertThat(table.onDeadline(DURATION)).isEqualTo(600 - (2 * TimeWaitTable.EXPIRE_MAX));
        assertThat(table.size()).isZero();
    }

    @Test
    void aRecordCosts96BytesAtMostWhenTheTableIsFull() {
        for (int recordsMax : new int[] {16, 100, 1000, 1025, 65_536, 65_537, 100_000}) {
            TimeWaitTable table = table(recordsMax);
            for (int i = 0; i < recordsMax; i++) {
                table.add(i, TestFlow.ofIpv4(1, 80, i, 5), 1, 2);
            }
            assertThat(table.bytes()).isLessThanOrEqualTo(96L * recordsMax);
            assertThat(table.evicted()).isZero();
        }
    }

    @Test
    void memoryGrowsWithTheRecordsAndIsGivenBackWithTheLast() {
        TimeWaitTable table = table(1_000_000);
        assertThat(table.bytes()).isLessThan(16);
        for (int i = 0; i < 5000; i++) {
            table.add(i, TestFlow.ofIpv4(1, 80, i, 5), 1, 2);
            assertThat(table.bytes()).isLessThanOrEqualTo(2L * 96 * Math.max(i + 1, 16));
        }
        while (table.size() > 0) {
            table.onDeadline(2 * DURATION);
        }
        assertThat(table.bytes()).isLessThan(16);
        table.add(0, TestFlow.random(random), 1, 2);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void aTableOfOneRecordWorks() {
        TimeWaitTable table = table(1);
        for (int i = 0; i < 100; i++) {
            TestFlow flow = TestFlow.random(random);
            table.add(i, flow, i, 0);
            assertThat(table.sendNext(find(table, flow))).isEqualTo(i);
        }
        assertThat(table.evicted()).isEqualTo(99);
    }

    @Test
    void aTableHasRoomForOneAtLeast() {
        assertThatThrownBy(() -> table(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("recordsMax=0");
    }
}
