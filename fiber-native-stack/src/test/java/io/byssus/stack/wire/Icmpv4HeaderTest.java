package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class Icmpv4HeaderTest {
    @Test
    void anEchoReadsAsItIsWritten() {
        MemorySegment message = Bytes.hex("ffffffffffffffff 68656c6c6f");
        Icmpv4Header.begin(message, 0, Icmpv4Header.ECHO_REQUEST, 0);
        Icmpv4Header.echo(message, 0, 0x1234, 0xfffe);
        Icmpv4Header.complete(message, 0, 13);
        assertThat(Icmpv4Header.check(message, 0, 13)).isEqualTo(Defect.NONE);
        assertThat(Icmpv4Header.type(message, 0)).isEqualTo(8);
        assertThat(Icmpv4Header.code(message, 0)).isZero();
        assertThat(Icmpv4Header.identifier(message, 0)).isEqualTo(0x1234);
        assertThat(Icmpv4Header.sequence(message, 0)).isEqualTo(0xfffe);
    }

    @Test
    void theNextHopsMtuReadsAsItIsWritten() {
        MemorySegment message = Bytes.zeros(8);
        Icmpv4Header.begin(
                message,
                0,
                Icmpv4Header.DESTINATION_UNREACHABLE,
                Icmpv4Header.CODE_FRAGMENTATION_NEEDED);
        Icmpv4Header.nextHopMtu(message, 0, 1400);
        Icmpv4Header.complete(message, 0, 8);
        assertThat(Bytes.hex(message)).startsWith("0304").endsWith("00000578");
        assertThat(Icmpv4Header.nextHopMtu(message, 0)).isEqualTo(1400);
    }

    @Test
    void refusesAShortMessageAndAWrongChecksum() {
        MemorySegment message = Bytes.zeros(9);
        Icmpv4Header.begin(message, 0, Icmpv4Header.ECHO_REPLY, 0);
        Icmpv4Header.complete(message, 0, 9);
        assertThat(Icmpv4Header.check(message, 0, 7)).isEqualTo(Defect.TRUNCATED);
        Bytes.put(message, 8, 1);
        assertThat(Icmpv4Header.check(message, 0, 9)).isEqualTo(Defect.BAD_CHECKSUM);
    }

    @Test
    void tellsErrorsFromQuestions() {
        assertThat(Icmpv4Header.isError(Icmpv4Header.DESTINATION_UNREACHABLE)).isTrue();
        assertThat(Icmpv4Header.isError(Icmpv4Header.TIME_EXCEEDED)).isTrue();
        assertThat(Icmpv4Header.isError(Icmpv4Header.ECHO_REQUEST)).isFalse();
        assertThat(Icmpv4Header.isError(13)).isFalse(); // timestamp
    }
}
