package io.byssus.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.BufferPool.Mode;
import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.runtime.time.ManualClock;
import io.byssus.testing.Seeds;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of released memory. */
class BufferPoolTest {
    /** Buffers over the same bytes, the last three of which are theirs alone. */
    private record Family(byte[] mark, List<Buffer> members) {}

    @Test
    void blockUsedNextIsTheOneReleasedLast() throws Throwable {
        with(
                Mode.RECYCLING,
                stepped -> {
                    BufferPool pool = stepped.reactor().buffers();
                    Buffer first = pool.allocate(1000);
                    Buffer second = pool.allocate(600);
                    long firstAddress = first.address();
                    long secondAddress = second.address();
                    second.close();
                    first.close();

                    Buffer third = pool.allocate(1024); // of the same size class
                    Buffer fourth = pool.allocate(513);
                    assertThat(third.address()).isEqualTo(firstAddress);
                    assertThat(fourth.address()).isEqualTo(secondAddress);
                    assertThat(third.length()).isEqualTo(1024);
                    assertThat(fourth.length()).isEqualTo(513);
                    assertThat(pool.liveBytes()).isEqualTo(2048);
                    third.close();
                    fourth.close();
                });
    }

    @Test
    void sizesFromNothingToBeyondThePoolAreServed() throws Throwable {
        with(
                Mode.RECYCLING,
                stepped -> {
                    BufferPool pool = stepped.reactor().buffers();
                    int max = BufferPool.POOLED_CAPACITY_MAX;
                    for (int length : new int[] {0, 1, 512, 513, max - 1, max, max + 1, 3 * max}) {
                        try (Buffer buffer = pool.allocate(length)) {
                            assertThat(buffer.length()).isEqualTo(length);
                            assertThat(pool.liveBytes()).isGreaterThanOrEqualTo(length);
                            if (length > 0) {
                                buffer.put(length - 1, (byte) 1);
                            }
                        }
                    }
                    assertThatThrownBy(() -> pool.allocate(-1))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("length=-1");
                    assertThat(pool.liveBlocks()).isZero();
                });
    }

    @Test
    void liveBuffersNeverOverlapWhateverIsSharedAndClosed() throws Throwable {
        Random random = new Random(Seeds.next("BufferPoolTest"));
        with(
                Mode.RECYCLING,
                stepped -> {
                    BufferPool pool = stepped.reactor().buffers();
                    List<Family> families = new ArrayList<>();
                    for (int step = 0; step < 20_000; step++) {
                        int choice = random.nextInt(3);
                        if (choice == 0 || families.isEmpty()) {
                            Buffer buffer = pool.allocate(3 + random.nextInt(3_000));
                            byte[] mark = {(byte) step, (byte) (step >> 8), (byte) (step >> 16)};
                            buffer.put(buffer.length() - 3, mark, 0, 3);
                            families.add(new Family(mark, new ArrayList<>(List.of(buffer))));
                            continue;
                        }
                        Family family = families.get(random.nextInt(families.size()));
                        List<Buffer> members = family.members;
                        Buffer member = members.get(random.nextInt(members.size()));
                        byte[] mark = new byte[3];
                        member.get(member.length() - 3, mark, 0, 3);
                        assertThat(mark).isEqualTo(family.mark);
                        if (choice == 1 && members.size() < 5) {
                            members.add(member.share());
                        } else {
                            member.close();
                            members.remove(member);
                        }
                        families.removeIf(f -> f.members.isEmpty());
                        assertThat(pool.liveBlocks()).isEqualTo(families.size());
                    }
                    families.forEach(family -> family.members.forEach(Buffer::close));
                    assertThat(pool.liveBytes()).isZero();
                });
    }

    @Test
    void reusedBuffersSharesAndViewsAllocateNothing() throws Throwable {
        with(
                Mode.RECYCLING,
                stepped -> {
                    BufferPool pool = stepped.reactor().buffers();
                    int cycles = 50_000;
                    cycle(pool, cycles); // compiled, and with every object it needs
                    long before = allocatedBytes();
                    cycle(pool, cycles);
                    long bytes = allocatedBytes() - before;
                    assertThat(bytes).as("in %d cycles", cycles).isLessThan(cycles / 10);
                });
    }

    private static void cycle(BufferPool pool, int cycles) {
        for (int i = 0; i < cycles; i++) {
            Buffer buffer = pool.allocate(4096);
            buffer.asByteBuffer().put((byte) i);
            Buffer share = buffer.share(0, 100);
            buffer.close();
            share.trimFront(1);
            share.close();
        }
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    @Test
    void nextHolderFindsTheViewAsIfItWereNew() throws Throwable {
        with(
                Mode.RECYCLING,
                stepped -> {
                    BufferPool pool = stepped.reactor().buffers();
                    try (Buffer first = pool.allocate(600)) {
                        ByteBuffer view = first.asByteBuffer();
                        view.order(ByteOrder.LITTLE_ENDIAN).position(5).limit(6);
                    }
                    try (Buffer second = pool.allocate(700)) {
                        ByteBuffer view = second.asByteBuffer();
                        assertThat(view.remaining()).isEqualTo(700);
                        assertThat(view.order())
                                .as("what the last holder set is not for the next one")
                                .isEqualTo(ByteOrder.BIG_ENDIAN);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void bufferClosedOnAnotherShardGoesHome(Mode mode) throws Throwable {
        SteppedReactor.onCarrier(() -> {
            ManualClock clock = new ManualClock();
            SteppedReactor away = new SteppedReactor(1, clock, new ParkingBackend(), mode);
            SteppedReactor home = new SteppedReactor(0, clock, new ParkingBackend(), mode);
            BufferPool pool = home.reactor().buffers();
            Buffer buffer = pool.allocate(100);
            Buffer share = buffer.share();

            away.turn();
            buffer.close();
            share.close();
            assertThatThrownBy(buffer::close).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(share::length).isInstanceOf(IllegalStateException.class);
            assertThat(pool.liveBlocks()).as("until its shard has a turn").isEqualTo(1);

            home.settle();
            assertThat(pool.liveBlocks()).isZero();
            assertThat(pool.liveBytes()).isZero();
            assertThat(pool.liveSites()).isEmpty();
        });
    }

    @Test
    void trackedMemoryIsNeverHandedOutAgain() throws Throwable {
        with(
                Mode.TRACKING,
                stepped -> {
                    BufferPool pool = stepped.reactor().buffers();
                    Set<Buffer> seen = new HashSet<>();
                    Buffer first = pool.allocate(600);
                    first.close();
                    for (int i = 0; i < 100; i++) {
                        Buffer next = pool.allocate(600);
                        assertThat(seen.add(next)).isTrue();
                        next.close();
                    }
                    assertThatThrownBy(first::length)
                            .isInstanceOf(IllegalStateException.class)
                            .hasCauseInstanceOf(Throwable.class);
                });
    }

    @Test
    void leakIsNamedByThePlaceThatAllocatedIt() throws Throwable {
        with(
                Mode.TRACKING,
                stepped -> {
                    BufferPool pool = stepped.reactor().buffers();
                    Buffer leaked = leak(pool);
                    Buffer leakedShare = leaked.share();
                    pool.allocate(5).close();

                    assertThat(pool.liveSites())
                            .hasSize(2)
                            .anySatisfy(site ->
                                    assertThat(site.getStackTrace())
                                            .extracting(StackTraceElement::getMethodName)
                                            .contains("leak"));
                    leaked.close();
                    leakedShare.close();
                    assertThat(pool.liveSites()).isEmpty();
                });
    }

    private static Buffer leak(BufferPool pool) {
        return pool.allocate(10);
    }

    @Test
    void modeComesFromTheSystemProperty() {
        // The module's tests run with tracking: see byssus.test.jvm in the root pom.
        assertThat(Mode.ofProperty()).isEqualTo(Mode.TRACKING);
        String before = System.setProperty("io.byssus.buffers", "somehow");
        try {
            assertThatThrownBy(Mode::ofProperty)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("io.byssus.buffers=somehow: expected recycling or tracking");
            System.clearProperty("io.byssus.buffers");
            assertThat(Mode.ofProperty()).isEqualTo(Mode.RECYCLING);
        } finally {
            System.setProperty("io.byssus.buffers", before);
        }
    }

    private static void with(Mode mode, SteppedReactor.SteppedBody body) throws Throwable {
        SteppedReactor.onCarrier(() ->
                body.run(new SteppedReactor(0, new ManualClock(), new ParkingBackend(), mode)));
    }
}
