package io.byssus.runtime.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.BufferPool.Mode;
import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a buffer does whatever its pool does with released memory. */
class BufferTest {
    private interface PoolTest {
        void run(BufferPool pool) throws Throwable;
    }

    @ParameterizedTest
    @EnumSource
    void bytesAreReadAsTheyWereWritten(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    try (Buffer buffer = pool.allocate(10);
                            Buffer other = buffer("XY", pool)) {
                        buffer.put(0, "..........".getBytes(US_ASCII), 0, 10);
                        buffer.put(1, (byte) 'a');
                        buffer.put(3, "0123".getBytes(US_ASCII), 1, 2);
                        buffer.put(8, other);

                        assertThat(buffer.length()).isEqualTo(10);
                        assertThat(buffer.get(1)).isEqualTo((byte) 'a');
                        assertThat(buffer.toString(US_ASCII)).isEqualTo(".a.12...XY");
                        byte[] part = new byte[4];
                        buffer.get(8, part, 1, 2);
                        assertThat(part).containsExactly(0, 'X', 'Y', 0);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void trimmingKeepsTheMiddleAndNeverGrows(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    try (Buffer buffer = buffer("abcdef", pool)) {
                        long start = buffer.address();
                        buffer.trimFront(2);
                        buffer.trim(3);
                        assertThat(buffer.toString(US_ASCII)).isEqualTo("cde");
                        assertThat(buffer.address()).isEqualTo(start + 2);
                        assertOutOfBounds(() -> buffer.trim(4));
                        assertOutOfBounds(() -> buffer.trimFront(4));
                        assertOutOfBounds(() -> buffer.trim(-1));
                        assertOutOfBounds(() -> buffer.trimFront(-1));
                        buffer.trimFront(3);
                        assertThat(buffer.isEmpty()).isTrue();
                    }
                    assertThat(pool.liveBlocks()).as("an emptied buffer is closed too").isZero();
                });
    }

    @ParameterizedTest
    @EnumSource
    void shareSeesTheSameBytesAndOutlivesTheFirstHolder(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    Buffer first = buffer("hello world", pool);
                    Buffer whole = first.share();
                    Buffer word = first.share(6, 5);
                    first.put(6, (byte) 'W');
                    word.trim(3);
                    assertThat(first.length()).isEqualTo(11);
                    first.close();

                    assertThat(word.toString(US_ASCII)).isEqualTo("Wor");
                    assertThat(whole.toString(US_ASCII)).isEqualTo("hello World");
                    assertThat(pool.liveBlocks()).isEqualTo(1);
                    whole.close();
                    Buffer second = word.share(1, 2);
                    word.close();
                    assertThat(second.toString(US_ASCII)).isEqualTo("or");
                    second.close();
                    assertThat(pool.liveBlocks()).isZero();
                    assertThat(pool.liveBytes()).isZero();
                });
    }

    @ParameterizedTest
    @EnumSource
    void copyHasBytesOfItsOwn(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    try (Buffer original = buffer("abc", pool);
                            Buffer copy = original.copy()) {
                        original.put(0, (byte) 'X');
                        assertThat(copy.toString(US_ASCII)).isEqualTo("abc");
                        assertThat(pool.liveBlocks()).isEqualTo(2);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void indexOfFindsTheFirstFromWhereItIsTold(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    try (Buffer buffer = buffer("a\nb\n", pool)) {
                        assertThat(buffer.indexOf((byte) '\n', 0)).isEqualTo(1);
                        assertThat(buffer.indexOf((byte) '\n', 2)).isEqualTo(3);
                        assertThat(buffer.indexOf((byte) '\n', 4)).isEqualTo(-1);
                        assertThat(buffer.indexOf((byte) 'z', 0)).isEqualTo(-1);
                        assertOutOfBounds(() -> buffer.indexOf((byte) 'a', 5));
                        assertOutOfBounds(() -> buffer.indexOf((byte) 'a', -1));
                        buffer.trim(3);
                        assertThat(buffer.indexOf((byte) '\n', 2))
                                .as("beyond its end")
                                .isEqualTo(-1);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void everyAccessIsBounded(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    try (Buffer buffer = buffer("abcd", pool);
                            Buffer five = pool.allocate(5)) {
                        byte[] array = new byte[8];
                        List<ThrowingCallable> tooFar =
                                List.of(
                                        () -> buffer.get(4),
                                        () -> buffer.get(-1),
                                        () -> buffer.get(Integer.MAX_VALUE),
                                        () -> buffer.put(4, (byte) 0),
                                        () -> buffer.get(1, array, 0, 4),
                                        () -> buffer.get(0, array, 0, -1),
                                        () -> buffer.get(0, array, 6, 3),
                                        () -> buffer.put(1, array, 0, 4),
                                        () -> buffer.put(0, array, 7, 2),
                                        () -> buffer.put(0, five),
                                        () -> buffer.share(1, 4),
                                        () -> buffer.share(1, Integer.MAX_VALUE),
                                        () -> buffer.share(-1, 1));
                        tooFar.forEach(BufferTest::assertOutOfBounds);
                        assertThatThrownBy(() -> buffer.get(1, array, 0, 4))
                                .hasMessage("index=1 count=4 length=4");
                        assertThat(pool.liveBlocks()).isEqualTo(2);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void everyUseAfterCloseIsRefused(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    Buffer held = buffer("abcd", pool);
                    for (Buffer buffer : List.of(held.share(), held)) {
                        buffer.close();
                        List<Consumer<Buffer>> uses =
                                List.of(
                                        Buffer::close,
                                        Buffer::length,
                                        Buffer::isEmpty,
                                        Buffer::address,
                                        Buffer::share,
                                        Buffer::copy,
                                        Buffer::asByteBuffer,
                                        Buffer::asMemorySegment,
                                        Buffer::toByteArray,
                                        b -> b.get(0),
                                        b -> b.put(0, (byte) 1),
                                        b -> b.trim(0),
                                        b -> b.trimFront(0),
                                        b -> b.indexOf((byte) 0, 0),
                                        b -> b.share(0, 1),
                                        b -> b.get(0, new byte[1], 0, 1));
                        for (Consumer<Buffer> use : uses) {
                            assertThatThrownBy(() -> use.accept(buffer))
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessage("the buffer was closed");
                        }
                        assertThat(buffer).hasToString("Buffer[closed]");
                    }
                    assertThat(pool.liveBlocks()).isZero();
                });
    }

    @ParameterizedTest
    @EnumSource
    void viewsShowExactlyTheBuffersBytes(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    try (Buffer buffer = buffer("0123456789", pool);
                            Buffer share = buffer.share(2, 3)) {
                        buffer.trimFront(1);
                        buffer.trim(8);
                        ByteBuffer bytes = buffer.asByteBuffer();
                        ByteBuffer shared = share.asByteBuffer();
                        MemorySegment segment = buffer.asMemorySegment();

                        assertThat(bytes.remaining()).isEqualTo(8);
                        assertThat(bytes.get(bytes.position())).isEqualTo((byte) '1');
                        assertThat(US_ASCII.decode(shared).toString()).isEqualTo("234");
                        assertThat(segment.address()).isEqualTo(buffer.address());
                        assertThat(segment.byteSize()).isEqualTo(8);
                        bytes.put(bytes.position(), (byte) 'X');
                        assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'X');
                        assertThat(buffer.get(0)).isEqualTo((byte) 'X');
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void emptyBufferIsNobodysAndNeedsNoClose(Mode mode) throws Throwable {
        withPool(
                mode,
                pool -> {
                    Buffer empty = Buffer.EMPTY;
                    empty.close();
                    empty.close();
                    empty.trim(0);
                    empty.trimFront(0);
                    assertThat(empty.isEmpty()).isTrue();
                    assertThat(empty.share()).isSameAs(empty);
                    assertThat(empty.copy()).isSameAs(empty);
                    assertThat(empty.toByteArray()).isEmpty();
                    assertThat(empty.indexOf((byte) 0, 0)).isEqualTo(-1);
                    assertThat(empty.asByteBuffer().hasRemaining()).isFalse();
                    assertThat(empty.asMemorySegment().byteSize()).isZero();
                    assertOutOfBounds(() -> empty.get(0));
                    assertOutOfBounds(() -> empty.trim(1));
                    try (Buffer buffer = pool.allocate(1)) {
                        buffer.put(1, empty);
                    }
                    assertThat(pool.liveSites()).isEmpty();
                });
    }

    private static Buffer buffer(String text, BufferPool pool) {
        Buffer buffer = pool.allocate(text.length());
        buffer.put(0, text.getBytes(US_ASCII), 0, text.length());
        return buffer;
    }

    private static void assertOutOfBounds(ThrowingCallable access) {
        assertThatThrownBy(access).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static void withPool(Mode mode, PoolTest test) throws Throwable {
        SteppedReactor.onCarrier(() -> {
            SteppedReactor stepped =
                    new SteppedReactor(0, new ManualClock(), new ParkingBackend(), mode);
            test.run(stepped.reactor().buffers());
        });
    }
}
