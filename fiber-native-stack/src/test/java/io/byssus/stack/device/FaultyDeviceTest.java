package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.time.ManualClock;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultyDeviceTest {
    private static final int COUNT = 20_000;
    private static final long SEED = Seeds.next("FaultyDeviceTest");

    private final Frames frames = new Frames();
    private final ManualClock clock = new ManualClock();
    private final InMemoryLink link = new InMemoryLink(1, 2, 1500, COUNT * 2);
    private final LinkDevice far = link.right();
    private FaultyDevice near;

    @AfterEach
    void noFrameLeaks() throws Exception {
        near.close();
        far.close();
        frames.assertNoneLeaked();
    }

    private void connect(Faults outgoing, Faults incoming) {
        near = new FaultyDevice(link.left(), clock, outgoing, incoming, new SplittableRandom(SEED));
    }

    /** Sends numbered frames now; those that have arrived by {@code nanos} from now, in order. */
    private List<Integer> sendAll(int count, Duration wait) {
        for (int i = 0; i < count; i++) {
            near.send(frames.numbered(i));
        }
        clock.advance(wait);
        return arrived();
    }

    private List<Integer> arrived() {
        near.receive(); // the far end's device has no clock: the near one passes on what is due
        List<Integer> numbers = new ArrayList<>();
        for (Buffer frame = far.receive(); frame != null; frame = far.receive()) {
            numbers.add(Frames.number(frame));
        }
        return numbers;
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void withoutFaultsItIsTheDevice() {
        connect(Faults.NONE, Faults.NONE);
        assertThat(sendAll(100, Duration.ZERO)).isEqualTo(upTo(100));
        assertThat(near.macAddress()).isEqualTo(1);
        assertThat(near.mtu()).isEqualTo(1500);
        assertThat(near.deadlineNanos()).isEqualTo(LinkDevice.NO_DEADLINE);
    }

    @Test
    void losesAsManyAsItIsTold() {
        connect(Faults.NONE.withLoss(0.1), Faults.NONE);
        List<Integer> arrived = sendAll(COUNT, Duration.ZERO);
        assertThat(arrived).isSorted().doesNotHaveDuplicates();
        // Six standard deviations, so that no seed fails.
        assertThat(arrived.size()).isBetween(COUNT * 9 / 10 - 255, COUNT * 9 / 10 + 255);
        assertThat(near.outgoing().lost()).isEqualTo(COUNT - arrived.size());
        assertThat(near.outgoing().offered()).isEqualTo(COUNT);
        assertThat(near.outgoing().delivered()).isEqualTo(arrived.size());
    }

    @Test
    void theOtherDirectionHasFaultsOfItsOwn() {
        connect(Faults.NONE, Faults.NONE.withLoss(1));
        assertThat(sendAll(10, Duration.ZERO)).hasSize(10);
        far.send(frames.numbered(1));
        assertThat(near.receive()).isNull();
        assertThat(near.incoming().lost()).isEqualTo(1);
        assertThat(near.outgoing().lost()).isZero();
    }

    @Test
    void doubles() {
        connect(Faults.NONE.withDuplication(1), Faults.NONE);
        assertThat(sendAll(3, Duration.ZERO)).containsExactly(0, 0, 1, 1, 2, 2);
        assertThat(near.outgoing().duplicated()).isEqualTo(3);
    }

    @Test
    void corruptsOneBitAndNotTheSendersBytes() {
        connect(Faults.NONE.withCorruption(1), Faults.NONE);
        Buffer frame = frames.numbered(1);
        Buffer kept = frame.share();
        byte[] before = kept.toByteArray();
        near.send(frame);
        byte[] after;
        try (Buffer arrived = far.receive()) {
            after = arrived.toByteArray();
        }
        int wrongBits = 0;
        for (int i = 0; i < before.length; i++) {
            wrongBits += Integer.bitCount((before[i] ^ after[i]) & 0xff);
        }
        assertThat(wrongBits).isEqualTo(1);
        assertThat(kept.toByteArray()).isEqualTo(before);
        kept.close();
    }

    @Test
    void whatItCorruptsHasItsChecksumFirstSoThatTheDeviceDoesNotCoverUpForIt() throws Exception {
        InMemoryLink offloading = InMemoryLink.withOffloads(1, 2, 1500, COUNT);
        long segments = Offload.tcpSegments(Frames.TCP_CHECKSUM, 54, 10);
        near =
                new FaultyDevice(
                        offloading.left(),
                        clock,
                        Faults.NONE.withCorruption(1).withDuplication(1),
                        Faults.NONE,
                        new SplittableRandom(SEED));
        int right = 0;
        for (int i = 0; i < 200; i++) {
            near.send(frames.needingChecksum(i), segments);
            for (int copy = 0; copy < 2; copy++) {
                try (Buffer frame = offloading.right().receive()) {
                    right += Frames.isChecksumRight(frame.toByteArray()) ? 1 : 0;
                }
                assertThat(offloading.right().receivedOffload())
                        .isEqualTo(Offload.tcpSegments(Offload.NONE, 54, 10));
            }
        }
        // The wrong bit is in the Ethernet and IP headers, which it does not cover, in 34 of 100.
        assertThat(right).isBetween(2 * 20, 2 * 110);
        offloading.right().close();
    }

    @Test
    void whatItCorruptsOnTheWayInIsNotKnownToBeRight() throws Exception {
        InMemoryLink offloading = InMemoryLink.withOffloads(1, 2, 1500, COUNT);
        near =
                new FaultyDevice(
                        offloading.left(),
                        clock,
                        Faults.NONE,
                        Faults.NONE.withCorruption(1),
                        new SplittableRandom(SEED));
        offloading.right().send(frames.numbered(1), Offload.VERIFIED);
        near.receive().close();
        assertThat(near.receivedOffload()).isEqualTo(Offload.NONE);
        offloading.right().close();
    }

    @Test
    void offloadsStayWithTheirFrame() throws Exception {
        InMemoryLink offloading = InMemoryLink.withOffloads(1, 2, 1500, COUNT);
        Faults faults = Faults.NONE.withReordering(0.5, Duration.ofMillis(1)).withDuplication(0.2);
        near = new FaultyDevice(offloading.left(), clock, faults, faults, seeded());
        assertThat(near.completesChecksums()).isTrue();
        assertThat(near.segmentationBytesMax()).isEqualTo(65_535);
        for (int i = 1; i <= 500; i++) {
            near.send(frames.numbered(i), Offload.tcpSegments(Offload.NONE, 54, i));
            offloading.right().send(frames.numbered(i), Offload.tcpSegments(Offload.NONE, 54, i));
        }
        int arrived = 0;
        for (int turn = 0; turn < 2; turn++) {
            for (Buffer frame = near.receive(); frame != null; frame = near.receive()) {
                int number = Frames.number(frame);
                assertThat(Offload.segmentBytes(near.receivedOffload())).isEqualTo(number);
                arrived++;
            }
            for (Buffer frame = offloading.right().receive();
                    frame != null;
                    frame = offloading.right().receive()) {
                int number = Frames.number(frame);
                assertThat(Offload.segmentBytes(offloading.right().receivedOffload()))
                        .isEqualTo(number);
                arrived++;
            }
            clock.advance(Duration.ofMillis(1));
        }
        assertThat(arrived).isGreaterThan(1000);
        offloading.right().close();
    }

    private static SplittableRandom seeded() {
        return new SplittableRandom(SEED);
    }

    @Test
    void delays() {
        connect(Faults.NONE.withDelay(Duration.ofMillis(10)), Faults.NONE);
        assertThat(sendAll(2, Duration.ofMillis(9))).isEmpty();
        assertThat(near.deadlineNanos()).isEqualTo(Duration.ofMillis(10).toNanos());
        clock.advance(Duration.ofMillis(1));
        assertThat(arrived()).containsExactly(0, 1);
        assertThat(near.deadlineNanos()).isEqualTo(LinkDevice.NO_DEADLINE);
    }

    @Test
    void whatIsDelayedWhenItIsClosedIsReleased() {
        connect(Faults.NONE.withDelay(Duration.ofHours(1)), Faults.NONE);
        assertThat(sendAll(10, Duration.ZERO)).isEmpty();
    }

    @Test
    void overtakes() {
        connect(Faults.NONE.withReordering(0.2, Duration.ofMillis(1)), Faults.NONE);
        List<Integer> first = sendAll(1000, Duration.ZERO);
        clock.advance(Duration.ofMillis(1));
        List<Integer> second = arrived();
        assertThat(first).isSorted().hasSizeBetween(700, 900);
        assertThat(second).isSorted().hasSize(1000 - first.size());
        assertThat(near.outgoing().delayed()).isEqualTo(second.size());
    }

    @Test
    void passesNoMoreThanItsRate() {
        // 100 bytes at 8 Mbit/s take 100 microseconds.
        connect(Faults.NONE.withRate(8_000_000, Faults.NO_LIMIT), Faults.NONE);
        assertThat(sendAll(50, Duration.ofNanos(99_999))).isEmpty();
        clock.advance(Duration.ofNanos(1));
        assertThat(arrived()).containsExactly(0);
        clock.advance(Duration.ofMillis(1));
        assertThat(arrived()).hasSize(10);
        clock.advance(Duration.ofSeconds(1));
        assertThat(arrived()).hasSize(39);
        near.send(frames.numbered(50));
        assertThat(near.deadlineNanos() - clock.nanoTime()).isEqualTo(100_000);
    }

    @Test
    void dropsWhatFindsItsQueueFull() {
        connect(Faults.NONE.withRate(8_000_000, 1000), Faults.NONE);
        assertThat(sendAll(50, Duration.ofSeconds(1))).isEqualTo(upTo(10));
        assertThat(near.outgoing().overflowed()).isEqualTo(40);
    }

    @Test
    void theSameSeedGivesTheSameFaults() throws Exception {
        Faults faults =
                Faults.NONE
                        .withLoss(0.1)
                        .withDuplication(0.1)
                        .withReordering(0.3, Duration.ofMillis(1));
        connect(faults, Faults.NONE);
        List<Integer> first = sendAll(500, Duration.ofSeconds(1));
        near.close();
        InMemoryLink again = new InMemoryLink(1, 2, 1500, COUNT);
        near =
                new FaultyDevice(
                        again.left(), clock, faults, Faults.NONE, new SplittableRandom(SEED));
        for (int i = 0; i < 500; i++) {
            near.send(frames.numbered(i));
        }
        clock.advance(Duration.ofSeconds(1));
        near.receive();
        List<Integer> second = new ArrayList<>();
        for (Buffer frame = again.right().receive();
                frame != null;
                frame = again.right().receive()) {
            second.add(Frames.number(frame));
        }
        assertThat(second).isEqualTo(first);
    }

    @Test
    void everyFrameIsAccountedFor() {
        connect(
                Faults.NONE
                        .withLoss(0.05)
                        .withDuplication(0.05)
                        .withCorruption(0.05)
                        .withReordering(0.05, Duration.ofMillis(3))
                        .withDelay(Duration.ofMillis(5))
                        .withRate(100_000_000, 20_000),
                Faults.NONE);
        for (int i = 0; i < 2000; i++) {
            near.send(frames.numbered(i));
            if (i % 10 == 0) {
                clock.advance(Duration.ofNanos(70_000));
            }
        }
        clock.advance(Duration.ofSeconds(1));
        int arrived = arrived().size();
        FaultCounters counters = near.outgoing();
        assertThat(counters.delivered()).isEqualTo(arrived);
        assertThat(counters.overflowed()).isPositive();
        assertThat(counters.offered() + counters.duplicated())
                .isEqualTo(counters.delivered() + counters.lost() + counters.overflowed());
    }

    @Test
    void impossibleFaultsAreRefused() {
        connect(Faults.NONE, Faults.NONE);
        assertThatThrownBy(() -> Faults.NONE.withLoss(1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("loss=1.5: expected 0 to 1");
        assertThatThrownBy(() -> Faults.NONE.withLoss(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Faults.NONE.withDelay(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Faults.NONE.withRate(0, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
