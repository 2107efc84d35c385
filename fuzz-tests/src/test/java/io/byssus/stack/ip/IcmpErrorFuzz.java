package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as an ICMP message with a right checksum, and as the packet that it quotes. */
class IcmpErrorFuzz {
    private static final int PORT_MAX = 0xffff;

    private final IcmpError error = new IcmpError();

    static Stream<byte[]> messages() {
        String tcp = "4500002800014000400600000a0000010a000002" + "00509c4000000001";
        String udp = "4600002c00014000401100000a0000010a000002" + "94040000" + "0035d43100180000";
        return Stream.of(
                        "0303000000000000" + udp,
                        "0304000000000240" + tcp,
                        "0b00000000000000" + tcp,
                        "0500000000000000" + tcp,
                        "0800000000010001" + "616263")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("messages")
    @FuzzTest
    void quotedPacketsAreReadWithinTheirBytes(byte[] bytes) {
        MemorySegment message = MemorySegment.ofArray(bytes);
        if (Icmpv4Header.check(message, 0, bytes.length) == Defect.TRUNCATED) {
            assertThat(bytes.length).isLessThan(Icmpv4Header.BYTES);
            return;
        }
        Icmpv4Header.complete(message, 0, bytes.length);
        assertThat(Icmpv4Header.check(message, 0, bytes.length)).isEqualTo(Defect.NONE);
        switch (error.parse(message, 0, bytes.length)) {
            case SOFT, HARD, FRAGMENTATION_NEEDED -> assertQuotes();
            case MALFORMED ->
                    assertThat(Icmpv4Header.isError(Icmpv4Header.type(message, 0))).isTrue();
            case NOT_AN_ERROR ->
                    assertThat(Icmpv4Header.isError(Icmpv4Header.type(message, 0))).isFalse();
            case IGNORED ->
                    assertThat(Icmpv4Header.type(message, 0))
                            .isIn(Icmpv4Header.SOURCE_QUENCH, Icmpv4Header.REDIRECT);
        }
    }

    private void assertQuotes() {
        if (error.hasPorts()) {
            assertThat(error.protocol()).isIn(Ipv4Header.PROTOCOL_TCP, Ipv4Header.PROTOCOL_UDP);
            assertThat(error.sourcePort()).isBetween(0, PORT_MAX);
            assertThat(error.destinationPort()).isBetween(0, PORT_MAX);
        }
    }
}
