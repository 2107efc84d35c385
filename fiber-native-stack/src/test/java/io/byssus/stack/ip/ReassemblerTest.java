package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferLimits;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.Here;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReassemblerTest {
    private static final String PEER = "10.0.0.2";
    private static final String OWN = "10.0.0.1";
    private static final int UDP = Ipv4Header.PROTOCOL_UDP;

    private final TestPool pool = new TestPool();
    private Reassembler reassembler = new Reassembler(pool.pool(), 16, 1 << 20, 42);
    private final List<byte[]> expired = new ArrayList<>();
    private long now;

    @AfterEach
    void nothingLeaks() {
        reassembler.close();
        assertThat(reassembler.bytes()).isZero();
        assertThat(reassembler.size()).isZero();
        pool.assertNoneLeaked();
    }

    private static byte[] payload(int from, int to) {
        byte[] bytes = new byte[to - from];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (((from + i) * 31) >>> 3);
        }
        return bytes;
    }

    private static byte[] part(String source, int id, int from, int to, int total) {
        return Packets.fragment(
                Packets.packet(source, OWN, UDP, payload(from, to)),
                id,
                from,
                to == total ? Ipv4Header.Part.LAST : Ipv4Header.Part.NOT_LAST);
    }

    /** The payload of the datagram that a fragment completes, or null. */
    private byte[] add(byte[] packet) {
        Buffer whole = reassembler.add(now, pool.of(packet));
        if (whole == null) {
            return null;
        }
        try (whole) {
            MemorySegment memory = RawMemory.all();
            long at = whole.address();
            assertThat(Ipv4Header.check(memory, at, whole.length())).isEqualTo(Defect.NONE);
            assertThat(Ipv4Header.totalLength(memory, at)).isEqualTo(whole.length());
            assertThat(Reassembler.isFragment(memory, at)).isFalse();
            byte[] bytes = whole.toByteArray();
            return Arrays.copyOfRange(bytes, Ipv4Header.headerLength(memory, at), bytes.length);
        }
    }

    private byte[] add(int from, int to, int total) {
        return add(part(PEER, 7, from, to, total));
    }

    private long count(ReassemblyEvent event) {
        return reassembler.counters().count(event);
    }

    private void expireAt(long time) {
        now = time;
        reassembler.onDeadline(
                now,
                first -> {
                    expired.add(first.toByteArray());
                    first.close();
                });
    }

    @Test
    void knowsAFragment() {
        byte[] whole = Packets.packet(PEER, OWN, UDP, payload(0, 8));
        assertThat(Reassembler.isFragment(MemorySegment.ofArray(whole), 0)).isFalse();
        assertThat(Reassembler.isFragment(MemorySegment.ofArray(part(PEER, 1, 0, 8, 16)), 0))
                .isTrue();
        assertThat(Reassembler.isFragment(MemorySegment.ofArray(part(PEER, 1, 8, 16, 16)), 0))
                .isTrue();
    }

    @Test
    void putsFragmentsTogetherInAnyOrder() {
        assertThat(add(0, 800, 2000)).isNull();
        assertThat(add(800, 1600, 2000)).isNull();
        assertThat(add(1600, 2000, 2000)).isEqualTo(payload(0, 2000));
        assertThat(add(1600, 2000, 2000)).isNull();
        assertThat(add(0, 800, 2000)).isNull();
        assertThat(add(800, 1600, 2000)).isEqualTo(payload(0, 2000));
        assertThat(reassembler.size()).isZero();
        assertThat(count(ReassemblyEvent.REASSEMBLED)).isEqualTo(2);
    }

    @Test
    void aLengthThatIsNoMultipleOfEightIsForTheLastOnly() {
        assertThat(add(0, 8, 11)).isNull();
        assertThat(add(8, 11, 11)).isEqualTo(payload(0, 11));
        assertThat(add(0, 7, 100)).isNull();
        assertThat(count(ReassemblyEvent.ODD_LENGTH)).isEqualTo(1);
        assertThat(reassembler.size()).isZero();
    }

    @Test
    void keepsDatagramsApart() {
        add(part(PEER, 1, 0, 8, 16));
        add(part(PEER, 2, 8, 16, 16));
        add(part("10.0.0.3", 1, 8, 16, 16));
        byte[] otherProtocol = Packets.packet(PEER, OWN, Ipv4Header.PROTOCOL_ICMP, payload(8, 16));
        add(Packets.fragment(otherProtocol, 1, 8, Ipv4Header.Part.LAST));
        byte[] otherDestination = Packets.packet(PEER, "10.0.0.9", UDP, payload(8, 16));
        add(Packets.fragment(otherDestination, 1, 8, Ipv4Header.Part.LAST));
        assertThat(reassembler.size()).isEqualTo(5);
        assertThat(count(ReassemblyEvent.REASSEMBLED)).isZero();
    }

    @Test
    void theHeaderIsThatOfTheFirstFragmentWithItsOptions() {
        byte[] first = Packets.packet(PEER, OWN, UDP, Packets.hex("94040000"), payload(0, 8));
        add(8, 16, 16);
        Buffer whole =
                reassembler.add(
                        now, pool.of(Packets.fragment(first, 7, 0, Ipv4Header.Part.NOT_LAST)));
        assertThat(whole.length()).isEqualTo(24 + 16);
        assertThat(Ipv4Header.identification(RawMemory.all(), whole.address())).isEqualTo(7);
        whole.close();
    }

    @Test
    void paddingBehindAFragmentIsCutOff() {
        byte[] padded = Arrays.copyOf(part(PEER, 7, 0, 8, 16), 46);
        assertThat(add(padded)).isNull();
        assertThat(add(8, 16, 16)).isEqualTo(payload(0, 16));
    }

    @Test
    void anExactDuplicateIsIgnored() {
        add(0, 8, 24);
        add(0, 8, 24);
        add(16, 24, 24);
        add(16, 24, 24);
        assertThat(add(8, 16, 24)).isEqualTo(payload(0, 24));
        assertThat(count(ReassemblyEvent.DUPLICATE)).isEqualTo(2);
    }

    @Test
    void anyOverlapDropsTheDatagramAndWhatComesLater() {
        int[][] overlaps = {{0, 8}, {0, 16}, {8, 24}, {16, 24}, {0, 40}, {24, 40}, {16, 32}};
        for (int i = 0; i < overlaps.length; i++) {
            int id = 100 + i;
            add(part(PEER, id, 8, 16, 64));
            add(part(PEER, id, 16, 32, 64));
            byte[] overlap = part(PEER, id, overlaps[i][0], overlaps[i][1], 64);
            overlap[20] ^= 1; // {16, 32} would be a duplicate
            boolean overlaps816 = overlaps[i][0] < 32 && overlaps[i][1] > 8;
            add(overlap);
            assertThat(count(ReassemblyEvent.OVERLAP)).isEqualTo(overlaps816 ? 1 : 0);
            long late = count(ReassemblyEvent.TOO_LATE);
            add(part(PEER, id, 40, 48, 64));
            if (overlaps816) {
                assertThat(count(ReassemblyEvent.TOO_LATE)).isEqualTo(late + 1);
                assertThat(reassembler.bytes()).isZero();
            }
            reassembler.close();
            reassembler = new Reassembler(pool.pool(), 16, 1 << 20, 42);
        }
    }

    @Test
    void aDuplicateWithOtherBytesIsAnOverlap() {
        add(0, 8, 24);
        byte[] other = part(PEER, 7, 0, 8, 24);
        other[27] ^= 1;
        add(other);
        assertThat(count(ReassemblyEvent.OVERLAP)).isEqualTo(1);
    }

    @Test
    void endsThatContradictEachOtherDropTheDatagram() {
        add(part(PEER, 1, 16, 24, 24));
        add(part(PEER, 1, 32, 40, 40)); // another last one
        add(part(PEER, 2, 16, 24, 24));
        add(part(PEER, 2, 24, 32, 100)); // behind the last one
        add(part(PEER, 3, 24, 32, 100));
        add(part(PEER, 3, 8, 16, 16)); // the last one, before another
        assertThat(count(ReassemblyEvent.OVERLAP)).isEqualTo(3);
        assertThat(reassembler.bytes()).isZero();
    }

    @Test
    void fragmentsThatCannotBeAreDroppedAlone() {
        add(0, 8, 16);
        add(8, 8, 100);
        add(8, 8, 8);
        add(
                Packets.fragment(
                        Packets.packet(PEER, OWN, UDP, payload(0, 16)),
                        7,
                        65_528,
                        Ipv4Header.Part.LAST));
        assertThat(count(ReassemblyEvent.EMPTY)).isEqualTo(2);
        assertThat(count(ReassemblyEvent.TOO_LONG)).isEqualTo(1);
        assertThat(add(8, 16, 16)).isEqualTo(payload(0, 16));
    }

    @Test
    void theLargestDatagramIsTakenAndOneTooLongIsNot() {
        int total = 65_535 - 20;
        byte[] whole = null;
        for (int from = 0; from < total; from += 1480) {
            whole = add(from, Math.min(from + 1480, total), total);
        }
        assertThat(whole).isEqualTo(payload(0, total));
        // The last fragments alone have short headers; the first one's is longer.
        for (int from = 1480; from < total; from += 1480) {
            add(from, Math.min(from + 1480, total), total);
        }
        byte[] first = Packets.packet(PEER, OWN, UDP, Packets.hex("01010101"), payload(0, 1480));
        assertThat(add(Packets.fragment(first, 7, 0, Ipv4Header.Part.NOT_LAST))).isNull();
        assertThat(count(ReassemblyEvent.TOO_LONG)).isEqualTo(1);
    }

    @Test
    void aDatagramInTooManyPiecesIsDropped() {
        for (int i = 0; i <= PartialDatagram.FRAGMENTS_MAX; i++) {
            add(16 * i, 16 * i + 8, 65_000);
        }
        assertThat(count(ReassemblyEvent.TOO_MANY)).isEqualTo(1);
        assertThat(reassembler.bytes()).isZero();
    }

    @Test
    void timeIsOverThirtySecondsAfterTheFirstThatCame() {
        assertThat(reassembler.deadline()).isEqualTo(Reassembler.NO_DEADLINE);
        now = 5;
        add(part(PEER, 1, 0, 8, 24));
        now = 7;
        add(part(PEER, 2, 8, 16, 24));
        now = 1_000;
        add(part(PEER, 1, 8, 16, 24));
        assertThat(reassembler.deadline()).isEqualTo(5 + Reassembler.TIMEOUT_NANOS);
        expireAt(4 + Reassembler.TIMEOUT_NANOS);
        assertThat(reassembler.size()).isEqualTo(2);
        expireAt(5 + Reassembler.TIMEOUT_NANOS);
        assertThat(expired).containsExactly(part(PEER, 1, 0, 8, 24));
        expireAt(7 + Reassembler.TIMEOUT_NANOS);
        assertThat(expired).hasSize(1); // of the other the first fragment has not come
        assertThat(count(ReassemblyEvent.TIMED_OUT)).isEqualTo(2);
        assertThat(reassembler.bytes()).isZero();
    }

    @Test
    void ofADroppedDatagramNobodyIsTold() {
        add(0, 16, 24);
        add(0, 8, 24);
        expireAt(Reassembler.TIMEOUT_NANOS);
        assertThat(expired).isEmpty();
        assertThat(count(ReassemblyEvent.TIMED_OUT)).isZero();
        assertThat(reassembler.size()).isZero();
    }

    @Test
    void oneSourceHasAQuarterOfTheDatagrams() {
        add(part("10.0.0.9", 1, 0, 8, 16));
        for (int id = 0; id < 1_000; id++) {
            add(part(PEER, id, 0, 8, 16));
        }
        assertThat(reassembler.size()).isEqualTo(1 + 4);
        assertThat(count(ReassemblyEvent.EVICTED)).isEqualTo(996);
        assertThat(add(part("10.0.0.9", 1, 8, 16, 16))).isEqualTo(payload(0, 16));
        assertThat(add(part(PEER, 999, 8, 16, 16))).isEqualTo(payload(0, 16));
    }

    @Test
    void oneSourceHasAQuarterOfTheMemory() {
        reassembler = new Reassembler(pool.pool(), 16, 16 * 512, 42);
        add(part("10.0.0.9", 1, 0, 8, 16));
        for (int i = 0; i < 10; i++) {
            add(part(PEER, 1, 16 * i, 16 * i + 8, 1_000));
            assertThat(reassembler.bytes()).isLessThanOrEqualTo((1 + 4) * 512);
        }
        assertThat(add(part("10.0.0.9", 1, 8, 16, 16))).isEqualTo(payload(0, 16));
    }

    @Test
    void whenAllIsFullTheOldestGivesWay() {
        for (int i = 0; i < 17; i++) {
            add(part("10.0.1." + i, 1, 0, 8, 16));
        }
        assertThat(reassembler.size()).isEqualTo(16);
        assertThat(add(part("10.0.1.16", 1, 8, 16, 16))).isNotNull();
        assertThat(add(part("10.0.1.0", 1, 8, 16, 16))).isNull();
    }

    @Test
    void aSmallFragmentDoesNotKeepALargeBuffer() {
        byte[] bytes = part(PEER, 7, 0, 8, 16);
        Buffer large = pool.pool().allocate(65_536);
        large.put(100, bytes, 0, bytes.length);
        assertThat(reassembler.add(now, large.share(100, bytes.length))).isNull();
        large.close();
        assertThat(pool.liveBytes()).isEqualTo(512).isEqualTo(reassembler.bytes());
        assertThat(add(8, 16, 16)).isEqualTo(payload(0, 16));
    }

    private byte[] withEcn(byte[] packet, int ecn) {
        MemorySegment segment = MemorySegment.ofArray(packet);
        Ipv4Header.trafficClass(segment, 0, ecn);
        Ipv4Header.complete(segment, 0);
        return packet;
    }

    @Test
    void aMarkOfCongestionOnOnePartIsOnTheWhole() {
        add(withEcn(part(PEER, 7, 0, 8, 16), 0b10));
        Buffer whole = reassembler.add(now, pool.of(withEcn(part(PEER, 7, 8, 16, 16), 0b11)));
        assertThat(Ipv4Header.trafficClass(RawMemory.all(), whole.address())).isEqualTo(0b11);
        whole.close();
        add(withEcn(part(PEER, 7, 0, 8, 16), 0b00));
        assertThat(add(withEcn(part(PEER, 7, 8, 16, 16), 0b11))).isNull();
        assertThat(count(ReassemblyEvent.MIXED_ECN)).isEqualTo(1);
    }

    @Test
    void refusesBoundsThatLeaveNoShare() {
        assertThatThrownBy(() -> new Reassembler(pool.pool(), 3, 1_000, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("datagramsMax=3 bytesMax=1000");
    }

    @Test
    void datagramForWhichThereIsNoMemoryIsDroppedAndCounted() {
        BufferPool small =
                new BufferPool(new Here(), BufferPool.Mode.TRACKING, BufferLimits.of(1 << 20, 1));
        Reassembler scarce = new Reassembler(small, 16, 1 << 20, 42);
        List<Buffer> all = new ArrayList<>();
        assertThat(scarce.add(now, pool.of(part(PEER, 7, 0, 800, 1600)))).isNull();
        for (int length = BufferPool.POOLED_CAPACITY_MAX; length >= 1; length /= 2) {
            Buffer buffer = small.allocateReserved(length);
            while (buffer != null) {
                all.add(buffer);
                buffer = small.allocateReserved(length);
            }
        }
        assertThat(scarce.add(now, pool.of(part(PEER, 7, 800, 1600, 1600)))).isNull();
        assertThat(scarce.counters().count(ReassemblyEvent.NO_MEMORY)).isEqualTo(1);
        all.forEach(Buffer::close);
        scarce.close();
        assertThat(small.liveSites()).isEmpty();
    }
}
