package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a frame with ARP: what is right can be written again, and is the same. */
class ArpPacketFuzz {
    static Stream<byte[]> frames() {
        return Stream.of(
                        "ffffffffffff0200000000bb0806000108000604"
                                + "00010200000000bb0a0000fe0000000000000a000001",
                        "0200000000aa0200000000bb0806000108000604"
                                + "00020200000000bb0a0000fe0200000000aa0a000001"
                                + "00".repeat(18),
                        "0200000000aa0200000000bb0800")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("frames")
    @FuzzTest
    void whatIsRightIsTheSameWhenWrittenAgain(byte[] bytes) {
        MemorySegment frame = MemorySegment.ofArray(bytes);
        if (EthernetHeader.check(bytes.length) != Defect.NONE
                || EthernetHeader.type(frame, 0) != EthernetHeader.TYPE_ARP) {
            return;
        }
        int length = bytes.length - EthernetHeader.BYTES;
        if (ArpPacket.check(frame, EthernetHeader.BYTES, length) != Defect.NONE) {
            return;
        }
        MemorySegment packet = frame.asSlice(EthernetHeader.BYTES, ArpPacket.BYTES);
        MemorySegment copy = MemorySegment.ofArray(new byte[ArpPacket.BYTES]);
        ArpPacket.begin(copy, 0, ArpPacket.operation(packet, 0));
        ArpPacket.sender(copy, 0, ArpPacket.senderMac(packet, 0), ArpPacket.senderIp(packet, 0));
        ArpPacket.target(copy, 0, ArpPacket.targetMac(packet, 0), ArpPacket.targetIp(packet, 0));
        assertThat(copy.toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(packet.toArray(ValueLayout.JAVA_BYTE));
    }
}
