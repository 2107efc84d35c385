package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferLimits;
import io.byssus.runtime.memory.BufferMemoryException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BufferMemoryTest {
    private static final long MIB = 1 << 20;

    @Test
    void shardsHaveEqualParts() {
        BufferLimits limits = BufferMemory.limits(new RuntimeOptions().bufferMemory(64 * MIB), 4);
        assertThat(limits.capacityBytes()).isEqualTo(16 * MIB);
        assertThat(limits.usableBytes()).isEqualTo(14 * MIB);
        assertThat(limits.waitNanos()).isEqualTo(Duration.ofSeconds(10).toNanos());
    }

    @Test
    void defaultIsHalfOfWhatTheHeapLeavesOrAnEighthOfAll() {
        assertThat(BufferMemory.suitable(2048 * MIB, 256 * MIB)).isEqualTo(896 * MIB);
        assertThat(BufferMemory.suitable(4096 * MIB, 3072 * MIB)).isEqualTo(512 * MIB);
        assertThat(BufferMemory.suitable(128 * MIB, 256 * MIB)).isEqualTo(16 * MIB);
    }

    @Test
    void howeverManyShardsEachHasEnoughByDefault() {
        assertThat(BufferMemory.limits(new RuntimeOptions(), 1 << 20).capacityBytes())
                .isEqualTo(BufferLimits.CAPACITY_BYTES_MIN);
    }

    @Test
    void tooLittleIsRefusedInWords() {
        assertThatThrownBy(() -> Shards.start(new RuntimeOptions().smp(1).bufferMemory(1000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--buffer-memory 1000: 1 shard needs at least 1048576 bytes each");
        assertThatThrownBy(() -> Shards.start(new RuntimeOptions().bufferWait(Duration.ZERO)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bufferWait 0: must be more than zero");
    }

    @Test
    void runtimeHoldsItsFibersToTheLimit() {
        RuntimeOptions options =
                new RuntimeOptions().smp(1).bufferMemory(2 * MIB).bufferWait(Duration.ofMillis(20));
        try (Shards shards = Shards.start(options)) {
            shards.submitTo(
                    0,
                    () -> {
                        Shard shard = Shard.current();
                        try (Buffer most = shard.allocate(1 << 20)) {
                            assertThatThrownBy(() -> shard.allocate(1 << 20))
                                    .isInstanceOf(BufferMemoryException.class)
                                    .hasMessageContaining(most.length() + " of");
                            Deadline now = Deadline.after(Duration.ZERO);
                            assertThatThrownBy(() -> shard.allocate(1 << 20, now))
                                    .isInstanceOf(BufferMemoryException.class);
                        }
                        return null;
                    });
        }
    }
}
