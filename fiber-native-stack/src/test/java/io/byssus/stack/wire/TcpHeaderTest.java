package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TcpHeaderTest {
    private static final int LENGTH = 24;

    private static long pseudoHeader() {
        return InternetChecksum.pseudoHeader(
                0x0a090002, 0x0a090001, Ipv4Header.PROTOCOL_TCP, LENGTH);
    }

    private static MemorySegment segment() {
        MemorySegment segment = Bytes.hex("00".repeat(20) + "61626364");
        TcpHeader.sourcePort(segment, 0, 47_578);
        TcpHeader.destinationPort(segment, 0, 1234);
        TcpHeader.sequence(segment, 0, 0xfffffff0);
        TcpHeader.acknowledgment(segment, 0, 0x80000001);
        TcpHeader.headerLength(segment, 0, 20);
        TcpHeader.flags(segment, 0, TcpHeader.ACK | TcpHeader.PSH);
        TcpHeader.window(segment, 0, 65_535);
        TcpHeader.urgentPointer(segment, 0, 2);
        TcpHeader.complete(segment, 0, LENGTH, pseudoHeader());
        return segment;
    }

    @Test
    @Tag("MUST-2")
    void readsWhatItWrites() {
        MemorySegment segment = segment();
        assertThat(TcpHeader.check(segment, 0, LENGTH, pseudoHeader())).isEqualTo(Defect.NONE);
        assertThat(TcpHeader.sourcePort(segment, 0)).isEqualTo(47_578);
        assertThat(TcpHeader.destinationPort(segment, 0)).isEqualTo(1234);
        assertThat(TcpHeader.sequence(segment, 0)).isEqualTo(0xfffffff0);
        assertThat(TcpHeader.acknowledgment(segment, 0)).isEqualTo(0x80000001);
        assertThat(TcpHeader.headerLength(segment, 0)).isEqualTo(20);
        assertThat(TcpHeader.flags(segment, 0)).isEqualTo(0x18);
        assertThat(TcpHeader.window(segment, 0)).isEqualTo(65_535);
        assertThat(TcpHeader.urgentPointer(segment, 0)).isEqualTo(2);
    }

    @Test
    void isTheLayoutOfTheRfc() {
        MemorySegment segment = segment();
        TcpHeader.complete(segment, 0, LENGTH, pseudoHeader());
        assertThat(Bytes.hex(segment))
                .startsWith("b9da04d2" + "fffffff0" + "80000001" + "5018ffff")
                .endsWith("0002" + "61626364");
    }

    @Test
    @Tag("MUST-3")
    void must3AWrongByteIsABadChecksum() {
        MemorySegment segment = segment();
        Bytes.put(segment, 23, 'e');
        assertThat(TcpHeader.check(segment, 0, LENGTH, pseudoHeader()))
                .isEqualTo(Defect.BAD_CHECKSUM);
    }

    @Test
    void believesNoDataOffsetThatCannotBe() {
        for (int words = 0; words < 16; words++) {
            for (int arrived = 0; arrived < 70; arrived++) {
                MemorySegment segment = Bytes.zeros(70);
                Bytes.put(segment, 12, words << 4);
                Defect expected =
                        arrived < 20
                                ? Defect.TRUNCATED
                                : words < 5
                                        ? Defect.BAD_LENGTH
                                        : words * 4 > arrived ? Defect.TRUNCATED : Defect.NONE;
                assertThat(TcpHeader.checkLengths(segment.asSlice(0, arrived), 0, arrived))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    @Tag("MUST-2")
    void aDeviceCompletesAPartialChecksum() {
        MemorySegment segment = segment();
        int whole = BigEndian.unsignedShort(segment, TcpHeader.CHECKSUM_OFFSET);
        TcpHeader.completePartially(segment, 0, pseudoHeader());
        int completed = InternetChecksum.checksum(InternetChecksum.sum(segment, 0, LENGTH));
        assertThat(completed).isEqualTo(whole);
    }
}
