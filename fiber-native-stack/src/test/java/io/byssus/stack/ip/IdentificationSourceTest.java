package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.testing.Seeds;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdentificationSourceTest {
    private final Random random = new Random(Seeds.next("IdentificationSourceTest"));

    @Test
    void shardsShareAllIdentificationsButThatOfAtomicDatagrams() {
        for (int shards : new int[] {1, 2, 3, 5, 8, 64, 100}) {
            BitSet used = new BitSet();
            for (int shard = 0; shard < shards; shard++) {
                IdentificationSource source = new IdentificationSource(shard, shards, random);
                int count = (65_536 - shard + shards - 1) / shards - (shard == 0 ? 1 : 0);
                for (int i = 0; i < count; i++) {
                    int identification = source.next();
                    assertThat(identification).isBetween(1, 65_535);
                    assertThat(used.get(identification)).isFalse();
                    used.set(identification);
                }
            }
            assertThat(used.cardinality()).isEqualTo(65_535);
        }
    }

    @Test
    void noneComesAgainBeforeAllOthers() {
        IdentificationSource source = new IdentificationSource(1, 3, random);
        int count = 65_535 / 3 + 1 - 1;
        int[] last = new int[65_536];
        for (int i = 1; i <= 5 * count; i++) {
            int identification = source.next();
            assertThat(last[identification] == 0 || i - last[identification] >= count).isTrue();
            last[identification] = i;
        }
    }

    @Test
    void theNextIsNotTheLastAndAStep() {
        IdentificationSource source = new IdentificationSource(0, 1, random);
        int[] steps = new int[65_536];
        int last = source.next();
        for (int i = 0; i < 60_000; i++) {
            int next = source.next();
            steps[(next - last) & 0xffff]++;
            last = next;
        }
        int most = 0;
        for (int count : steps) {
            most = Math.max(most, count);
        }
        assertThat(most).isLessThan(2_000);
    }

    @Test
    void sourcesWithOtherSecretsDiffer() {
        IdentificationSource one = new IdentificationSource(0, 1, random);
        IdentificationSource other = new IdentificationSource(0, 1, random);
        int same = 0;
        for (int i = 0; i < 1_000; i++) {
            same += one.next() == other.next() ? 1 : 0;
        }
        assertThat(same).isLessThan(500);
    }

    @Test
    void refusesAShardThatIsNone() {
        assertThatThrownBy(() -> new IdentificationSource(2, 2, random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shard=2 shards=2");
    }
}
