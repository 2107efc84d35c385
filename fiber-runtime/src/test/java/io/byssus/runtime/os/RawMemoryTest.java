package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class RawMemoryTest {
    @Test
    void everyWidthIsStoredAndLoadedUnalignedInNativeOrder() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(16);
            long odd = memory.address() + 1;

            RawMemory.putLong(odd, 0x1122_3344_5566_7788L);
            assertThat(RawMemory.getLong(odd)).isEqualTo(0x1122_3344_5566_7788L);
            assertThat(RawMemory.getInt(odd)).isEqualTo(0x5566_7788);
            assertThat(RawMemory.getShort(odd)).isEqualTo((short) 0x7788);
            assertThat(RawMemory.getByte(odd)).isEqualTo((byte) 0x88);

            RawMemory.putInt(odd, -2);
            RawMemory.putShort(odd + 4, (short) -3);
            RawMemory.putByte(odd + 6, (byte) -4);
            assertThat(RawMemory.getInt(odd)).isEqualTo(-2);
            assertThat(RawMemory.getShort(odd + 4)).isEqualTo((short) -3);
            assertThat(RawMemory.getByte(odd + 6)).isEqualTo((byte) -4);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).as("before").isZero();
        }
    }

    @Test
    void overlappingRangesAreCopiedAsIfThroughASecondPlace() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom("abcdef");
            RawMemory.copy(memory.address(), memory.address() + 2, 4);
            assertThat(memory.getString(0)).isEqualTo("ababcd");
        }
    }

    @Test
    void arraysAreCopiedWithinTheirBoundsOnly() {
        try (Arena arena = Arena.ofConfined()) {
            long memory = arena.allocate(8).fill((byte) 9).address();
            byte[] bytes = {1, 2, 3, 4};

            RawMemory.copyIn(bytes, 1, memory, 3);
            byte[] out = new byte[5];
            RawMemory.copyOut(memory, out, 1, 4);

            assertThat(out).containsExactly(0, 2, 3, 4, 9);
            assertThatThrownBy(() -> RawMemory.copyIn(bytes, 2, memory, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> RawMemory.copyOut(memory, out, 2, 4))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void fillStopsAtItsLength() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4);
            RawMemory.fill(memory.address() + 1, 2, (byte) 7);
            assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 7, 7, 0);
        }
    }
}
