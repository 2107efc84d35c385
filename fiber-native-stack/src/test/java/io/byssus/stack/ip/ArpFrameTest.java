package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.hex;
import static io.byssus.stack.ip.Packets.ip;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.wire.MacAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class ArpFrameTest {
    private static final long OWN = MacAddress.parse("02:00:00:00:00:01");
    private static final long PEER = MacAddress.parse("02:00:00:00:00:02");

    private final MemorySegment frame = MemorySegment.ofArray(new byte[ArpFrame.BYTES]);

    private byte[] bytes() {
        return frame.toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void writesARequest() {
        ArpFrame.writeRequest(frame, 0, OWN, ip("10.0.0.1"), ip("10.0.0.2"), MacAddress.BROADCAST);
        assertThat(bytes())
                .isEqualTo(
                        hex(
                                "ffffffffffff 020000000001 0806 0001 0800 06 04 0001"
                                        + "020000000001 0a000001 000000000000 0a000002"));
    }

    @Test
    void writesAReply() {
        ArpFrame.writeReply(frame, 0, OWN, ip("10.0.0.1"), ip("10.0.0.2"), PEER);
        assertThat(bytes())
                .isEqualTo(
                        hex(
                                "020000000002 020000000001 0806 0001 0800 06 04 0002"
                                        + "020000000001 0a000001 020000000002 0a000002"));
    }
}
