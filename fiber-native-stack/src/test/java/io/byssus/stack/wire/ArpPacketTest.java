package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ArpPacketTest {
    /** Who has 10.9.0.1? Tell 10.9.0.2: as the Linux kernel sends it, padded to 46 bytes. */
    private static final String REQUEST =
            """
            0001 0800 06 04 0001
            da 39 a3 ee 5e 6b 0a090002
            00 00 00 00 00 00 0a090001
            000000000000 000000000000 000000000000
            """;

    @Test
    void readsARequest() {
        MemorySegment packet = Bytes.hex(REQUEST);
        assertThat(ArpPacket.check(packet, 0, 46)).isEqualTo(Defect.NONE);
        assertThat(ArpPacket.operation(packet, 0)).isEqualTo(ArpPacket.REQUEST);
        assertThat(MacAddress.format(ArpPacket.senderMac(packet, 0)))
                .isEqualTo("da:39:a3:ee:5e:6b");
        assertThat(Ipv4Address.format(ArpPacket.senderIp(packet, 0))).isEqualTo("10.9.0.2");
        assertThat(ArpPacket.targetMac(packet, 0)).isZero();
        assertThat(Ipv4Address.format(ArpPacket.targetIp(packet, 0))).isEqualTo("10.9.0.1");
    }

    @Test
    void writesWhatItReads() {
        MemorySegment packet = Bytes.zeros(ArpPacket.BYTES);
        ArpPacket.begin(packet, 0, ArpPacket.REQUEST);
        ArpPacket.sender(packet, 0, 0xda39_a3ee_5e6bL, 0x0a090002);
        ArpPacket.target(packet, 0, 0, 0x0a090001);
        assertThat(Bytes.hex(packet))
                .isEqualTo(Bytes.hex(Bytes.hex(REQUEST).asSlice(0, ArpPacket.BYTES)));
    }

    @Test
    void refusesWhatIsNotForIpv4OverEthernet() {
        assertThat(ArpPacket.check(Bytes.hex(REQUEST), 0, 27)).isEqualTo(Defect.TRUNCATED);
        assertThat(checkWith(1, 6)).isEqualTo(Defect.WRONG_VERSION); // hardware
        assertThat(checkWith(2, 0x86)).isEqualTo(Defect.WRONG_VERSION); // protocol
        assertThat(checkWith(4, 8)).isEqualTo(Defect.BAD_LENGTH);
        assertThat(checkWith(5, 16)).isEqualTo(Defect.BAD_LENGTH);
    }

    private static Defect checkWith(int offset, int value) {
        MemorySegment packet = Bytes.hex(REQUEST);
        Bytes.put(packet, offset, value);
        return ArpPacket.check(packet, 0, 46);
    }
}
