package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a UDP datagram. */
class UdpHeaderFuzz {
    private static final long PSEUDO_HEADER =
            InternetChecksum.pseudoHeader(0x0a000002, 0x0a000001, Ipv4Header.PROTOCOL_UDP, 8);

    static Stream<byte[]> datagrams() {
        // Without a checksum, with a wrong one, with padding, with a length that lies.
        return Stream.of(
                        "0035d43100080000",
                        "0035d43100091234ff",
                        "0035d43100080000ffff",
                        "0035d43101000000",
                        "0035d43100070000")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("datagrams")
    @FuzzTest
    void lengthsAreBelievedOnlyWithinTheBytes(byte[] bytes) {
        MemorySegment datagram = MemorySegment.ofArray(bytes);
        Defect lengths = UdpHeader.checkLengths(datagram, 0, bytes.length);
        Defect all = UdpHeader.check(datagram, 0, bytes.length, PSEUDO_HEADER);
        if (lengths != Defect.NONE) {
            assertThat(all).isEqualTo(lengths);
            return;
        }
        assertThat(all).isIn(Defect.NONE, Defect.BAD_CHECKSUM);
        assertThat(UdpHeader.length(datagram, 0)).isBetween(UdpHeader.BYTES, bytes.length);
        UdpHeader.complete(datagram, 0, PSEUDO_HEADER);
        assertThat(UdpHeader.check(datagram, 0, bytes.length, PSEUDO_HEADER))
                .isEqualTo(Defect.NONE);
    }
}
