package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Memory of the JDK, for systems whose C library is not called. */
class ArenaMemoryTest {
    @Test
    void blocksAreApartAndCanBeReleased() {
        int before = ArenaMemory.count();
        long one = ArenaMemory.tryAllocate(100);
        long other = ArenaMemory.tryAllocate(1);
        RawMemory.putByte(one + 99, (byte) 7);
        RawMemory.putByte(other, (byte) 8);
        assertThat(RawMemory.getByte(one + 99)).isEqualTo((byte) 7);
        assertThat(one % 16).isZero();
        assertThat(ArenaMemory.count()).isEqualTo(before + 2);
        ArenaMemory.release(one);
        ArenaMemory.release(other);
        assertThat(ArenaMemory.count()).isEqualTo(before);
        assertThatThrownBy(() -> ArenaMemory.release(one)).isInstanceOf(AssertionError.class);
    }

    @Test
    void moreThanThereIsIsNoneAtAll() {
        assertThat(ArenaMemory.tryAllocate(1L << 50)).isZero();
    }
}
