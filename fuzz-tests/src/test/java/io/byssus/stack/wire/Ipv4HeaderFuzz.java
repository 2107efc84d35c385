package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as an IPv4 packet; the checksum, which chance does not find, is made right. */
class Ipv4HeaderFuzz {
    static Stream<byte[]> packets() {
        String addresses = "0a0000020a000001";
        return Stream.of(
                        // Bare, a fragment, with a router alert, with a source route, with padding.
                        "450000140001400040060000" + addresses,
                        "450000180001200540110000" + addresses + "01020304",
                        "460000180001000001020000" + addresses + "94040000",
                        "4700001c0001000040060000" + addresses + "8307040a00000300",
                        "450000140001000040010000" + addresses + "000000000000")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("packets")
    @FuzzTest
    void headerAndOptionsAreReadWithinTheirBytes(byte[] bytes) {
        MemorySegment packet = MemorySegment.ofArray(bytes);
        Defect defect = Ipv4Header.check(packet, 0, bytes.length);
        if (defect == Defect.BAD_CHECKSUM) {
            Ipv4Header.complete(packet, 0);
            defect = Ipv4Header.check(packet, 0, bytes.length);
            assertThat(defect).isEqualTo(Defect.NONE);
        }
        if (defect != Defect.NONE) {
            return;
        }
        int headerLength = Ipv4Header.headerLength(packet, 0);
        int totalLength = Ipv4Header.totalLength(packet, 0);
        assertThat(headerLength).isBetween(Ipv4Header.BYTES_MIN, totalLength);
        assertThat(totalLength).isLessThanOrEqualTo(bytes.length);
        // The options are all that can be wrong now, and they end where the header does.
        MemorySegment header = packet.asSlice(0, headerLength);
        Defect options = Ipv4Header.checkOptions(header, 0);
        assertThat(options).isIn(Defect.NONE, Defect.BAD_OPTION);
        if (Ipv4Header.isSourceRouted(header, 0)) {
            assertThat(options).isEqualTo(Defect.NONE);
            assertThat(headerLength).isGreaterThan(Ipv4Header.BYTES_MIN);
        }
    }
}
