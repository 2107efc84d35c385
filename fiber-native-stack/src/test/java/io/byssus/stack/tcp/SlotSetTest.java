package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SlotSetTest {
    private final SplittableRandom random = new SplittableRandom(Seeds.next("SlotSetTest"));

    @Test
    void findsTheNextAsABitSetDoes() {
        for (int capacity = 1; capacity <= (1 << 14); capacity <<= 1) {
            SlotSet set = new SlotSet(capacity);
            BitSet model = new BitSet(capacity);
            for (int i = 0; i < 3000; i++) {
                int slot = random.nextInt(capacity);
                if (random.nextInt(3) == 0) {
                    set.add(slot);
                    model.set(slot);
                } else {
                    set.remove(slot);
                    model.clear(slot);
                }
                int from = random.nextInt(capacity);
                assertThat(set.next(from)).isEqualTo(next(model, from));
                assertThat(set.contains(from)).isEqualTo(model.get(from));
            }
        }
    }

    private static int next(BitSet model, int from) {
        int upwards = model.nextSetBit(from);
        return upwards >= 0 ? upwards : model.nextSetBit(0);
    }
}
