package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyedTableTest {
    private record Key(long high, long low) {}

    @Test
    void isALinkedMap() {
        Random random = new Random(Seeds.next("KeyedTableTest"));
        KeyedTable table = new KeyedTable(23, random.nextLong());
        Map<Key, Integer> model = new LinkedHashMap<>();
        for (int i = 0; i < 200_000; i++) {
            Key key = new Key(random.nextInt(4) - 1L, random.nextInt(12) - 1L);
            int slot = table.find(key.high, key.low);
            assertThat(slot).isEqualTo(model.getOrDefault(key, KeyedTable.NONE));
            if (slot == KeyedTable.NONE) {
                if (table.isFull()) {
                    Key first = model.keySet().iterator().next();
                    assertThat(table.oldest()).isEqualTo(model.remove(first));
                    table.remove(table.oldest());
                }
                model.put(key, table.add(key.high, key.low));
            } else if (random.nextBoolean()) {
                table.remove(slot);
                model.remove(key);
            } else {
                table.renew(slot);
                model.remove(key);
                model.put(key, slot);
            }
            assertThat(table.size()).isEqualTo(model.size());
            assertThat(table.isFull()).isEqualTo(model.size() == 23);
            if (i % 100 == 0) {
                assertThat(slotsOf(table)).isEqualTo(List.copyOf(model.values()));
            }
        }
    }

    private static List<Integer> slotsOf(KeyedTable table) {
        List<Integer> slots = new ArrayList<>();
        for (int slot = table.oldest(); slot != KeyedTable.NONE; slot = table.newer(slot)) {
            slots.add(slot);
        }
        return slots;
    }

    @Test
    void keepsTheKeyOfASlot() {
        KeyedTable table = new KeyedTable(1, 5);
        int slot = table.add(-2, 7);
        assertThat(table.high(slot)).isEqualTo(-2);
        assertThat(table.low(slot)).isEqualTo(7);
        assertThat(table.find(-2, 8)).isEqualTo(KeyedTable.NONE);
        assertThat(table.find(2, 7)).isEqualTo(KeyedTable.NONE);
    }

    @Test
    void regularKeysSpreadUnderMostSecrets() {
        Random random = new Random(Seeds.next("KeyedTableTest.spread"));
        int unlucky = 0;
        for (int stride = 0; stride < 40; stride++) {
            KeyedHash hash = new KeyedHash(random.nextLong());
            int[] buckets = new int[1024];
            for (int i = 0; i < 1024; i++) {
                // Keys that differ in a few neighbouring bits only.
                long key = (long) i << stride;
                buckets[hash.hash(stride % 2 == 0 ? key : 0, stride % 2 == 0 ? 0 : key) >>> 22]++;
            }
            long pairs = 0;
            for (int count : buckets) {
                pairs += (long) count * (count - 1) / 2;
            }
            // 512 are expected of a random function.
            unlucky += pairs < 50_000 ? 0 : 1;
        }
        // One in ten thousand is.
        assertThat(unlucky).isLessThanOrEqualTo(1);
    }
}
