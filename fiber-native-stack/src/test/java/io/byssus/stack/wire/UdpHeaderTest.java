package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class UdpHeaderTest {
    private static final int LENGTH = 11;

    private static long pseudoHeader(int length) {
        return InternetChecksum.pseudoHeader(
                0x0a090002, 0x0a090001, Ipv4Header.PROTOCOL_UDP, length);
    }

    private static MemorySegment datagram() {
        MemorySegment datagram = Bytes.hex("0000 0000 0000 ffff 616263");
        UdpHeader.sourcePort(datagram, 0, 40_000);
        UdpHeader.destinationPort(datagram, 0, 53);
        UdpHeader.length(datagram, 0, LENGTH);
        UdpHeader.complete(datagram, 0, pseudoHeader(LENGTH));
        return datagram;
    }

    @Test
    void readsWhatItWrites() {
        MemorySegment datagram = datagram();
        assertThat(UdpHeader.check(datagram, 0, LENGTH, pseudoHeader(LENGTH)))
                .isEqualTo(Defect.NONE);
        assertThat(UdpHeader.sourcePort(datagram, 0)).isEqualTo(40_000);
        assertThat(UdpHeader.destinationPort(datagram, 0)).isEqualTo(53);
        assertThat(UdpHeader.length(datagram, 0)).isEqualTo(LENGTH);
    }

    @Test
    void aWrongByteOrAWrongAddressIsABadChecksum() {
        MemorySegment datagram = datagram();
        assertThat(UdpHeader.check(datagram, 0, LENGTH, pseudoHeader(LENGTH) + 1))
                .isEqualTo(Defect.BAD_CHECKSUM);
        Bytes.put(datagram, 9, 0);
        assertThat(UdpHeader.check(datagram, 0, LENGTH, pseudoHeader(LENGTH)))
                .isEqualTo(Defect.BAD_CHECKSUM);
    }

    @Test
    void noChecksumIsAllowed() {
        MemorySegment datagram = datagram();
        BigEndian.putShort(datagram, 6, 0);
        assertThat(UdpHeader.check(datagram, 0, LENGTH, pseudoHeader(LENGTH)))
                .isEqualTo(Defect.NONE);
    }

    @Test
    void aChecksumOfZeroIsSentAsOnes() {
        // Search for a datagram whose checksum is zero: one of 65,536 is.
        MemorySegment datagram = datagram();
        for (int port = 0; port < 65_536; port++) {
            UdpHeader.sourcePort(datagram, 0, port);
            UdpHeader.complete(datagram, 0, pseudoHeader(LENGTH));
            assertThat(BigEndian.unsignedShort(datagram, 6)).isNotZero();
        }
    }

    @Test
    void believesNoLengthThatCannotBe() {
        MemorySegment datagram = datagram();
        assertThat(UdpHeader.checkLengths(datagram, 0, 7)).isEqualTo(Defect.TRUNCATED);
        assertThat(UdpHeader.checkLengths(datagram, 0, LENGTH - 1)).isEqualTo(Defect.TRUNCATED);
        assertThat(UdpHeader.checkLengths(datagram, 0, LENGTH + 5)).isEqualTo(Defect.NONE);
        UdpHeader.length(datagram, 0, 7);
        assertThat(UdpHeader.checkLengths(datagram, 0, LENGTH)).isEqualTo(Defect.BAD_LENGTH);
    }
}
