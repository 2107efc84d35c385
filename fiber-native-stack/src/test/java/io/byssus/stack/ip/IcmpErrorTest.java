package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.IcmpError.Kind;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class IcmpErrorTest {
    /** The first 8 bytes of a TCP segment from port 1234 to 80, and of a UDP datagram. */
    private static final byte[] TRANSPORT = hex("04d2 0050 89abcdef");

    private static final int TCP = Ipv4Header.PROTOCOL_TCP;

    private final IcmpError error = new IcmpError();

    private static byte[] quoted(int protocol) {
        return Packets.packet("10.0.0.1", "10.0.0.2", protocol, TRANSPORT);
    }

    private Kind parse(int type, int code, int mtu, byte[] quoted) {
        byte[] message = new byte[8 + quoted.length];
        System.arraycopy(quoted, 0, message, 8, quoted.length);
        MemorySegment segment = MemorySegment.ofArray(message);
        Icmpv4Header.begin(segment, 0, type, code);
        Icmpv4Header.nextHopMtu(segment, 0, mtu);
        Icmpv4Header.complete(segment, 0, message.length);
        Kind kind = error.parse(segment, 0, message.length);
        assertThat(error.kind()).isEqualTo(kind);
        return kind;
    }

    @Test
    @Tag("MUST-54")
    void must54FindsTheSegmentThatAnErrorIsAbout() {
        assertThat(parse(3, 1, 0, quoted(TCP))).isEqualTo(Kind.SOFT);
        assertThat(Ipv4Address.format(error.source())).isEqualTo("10.0.0.1");
        assertThat(Ipv4Address.format(error.destination())).isEqualTo("10.0.0.2");
        assertThat(error.protocol()).isEqualTo(TCP);
        assertThat(error.hasPorts()).isTrue();
        assertThat(error.sourcePort()).isEqualTo(1234);
        assertThat(error.destinationPort()).isEqualTo(80);
        assertThat(error.sequence()).isEqualTo(0x89abcdef);
    }

    @Test
    @Tag("MUST-55")
    void must55SourceQuenchIsIgnored() {
        assertThat(parse(4, 0, 0, quoted(TCP))).isEqualTo(Kind.IGNORED);
        assertThat(parse(5, 1, 0, quoted(TCP))).isEqualTo(Kind.IGNORED); // redirect
    }

    @Test
    @Tag("MUST-56")
    @Tag("SHLD-25")
    void must56Shld25ErrorsThatMayPassAreSoft() {
        for (int code : new int[] {0, 1, 5}) {
            assertThat(parse(3, code, 0, quoted(TCP))).isEqualTo(Kind.SOFT);
        }
        assertThat(parse(11, 0, 0, quoted(TCP))).isEqualTo(Kind.SOFT);
        assertThat(parse(11, 1, 0, quoted(TCP))).isEqualTo(Kind.SOFT);
        assertThat(parse(12, 0, 0, quoted(TCP))).isEqualTo(Kind.SOFT);
    }

    @Test
    void codesThatCameLaterAreSoft() {
        for (int code = 6; code < 256; code++) {
            assertThat(parse(3, code, 0, quoted(TCP))).isEqualTo(Kind.SOFT);
        }
    }

    @Test
    @Tag("SHLD-26")
    void shld26NoSuchProtocolOrPortIsHard() {
        assertThat(parse(3, 2, 0, quoted(TCP))).isEqualTo(Kind.HARD);
        assertThat(parse(3, 3, 0, quoted(TCP))).isEqualTo(Kind.HARD);
    }

    @Test
    void fragmentationNeededSaysForWhichMtu() {
        assertThat(parse(3, 4, 1400, quoted(TCP))).isEqualTo(Kind.FRAGMENTATION_NEEDED);
        assertThat(error.mtu()).isEqualTo(1400);
        assertThat(error.packetLength()).isEqualTo(28);
        assertThat(parse(3, 1, 1400, quoted(TCP))).isEqualTo(Kind.SOFT);
        assertThat(error.mtu()).isZero();
    }

    @Test
    void questionsAreNoErrors() {
        for (int type : new int[] {0, 8, 13, 14, 9, 10, 42, 255}) {
            assertThat(parse(type, 0, 0, quoted(TCP))).isEqualTo(Kind.NOT_AN_ERROR);
        }
    }

    @Test
    void findsThePortsBehindOptions() {
        byte[] packet = Packets.packet("10.0.0.1", "10.0.0.2", 17, hex("94040000"), TRANSPORT);
        assertThat(parse(3, 3, 0, packet)).isEqualTo(Kind.HARD);
        assertThat(error.hasPorts()).isTrue();
        assertThat(error.sourcePort()).isEqualTo(1234);
        assertThat(error.destinationPort()).isEqualTo(80);
    }

    @Test
    void otherProtocolsAndLaterFragmentsHaveNoPorts() {
        parse(3, 3, 0, quoted(TCP));
        assertThat(parse(3, 3, 0, quoted(1))).isEqualTo(Kind.HARD);
        assertThat(error.hasPorts()).isFalse();
        parse(3, 3, 0, quoted(TCP));
        byte[] later = Packets.fragment(quoted(TCP), 1, 8, Ipv4Header.Part.LAST);
        assertThat(parse(3, 3, 0, later)).isEqualTo(Kind.HARD);
        assertThat(error.hasPorts()).isFalse();
    }

    @Test
    void aQuoteThatIsTooShortIsMalformed() {
        byte[] whole = quoted(TCP);
        for (int length = 0; length < whole.length; length++) {
            assertThat(parse(3, 3, 0, Arrays.copyOf(whole, length))).isEqualTo(Kind.MALFORMED);
        }
        for (int headerWords = 0; headerWords < 16; headerWords++) {
            byte[] lying = quoted(TCP);
            lying[0] = (byte) (0x40 | headerWords);
            assertThat(parse(3, 3, 0, lying))
                    .isEqualTo(headerWords == 5 ? Kind.HARD : Kind.MALFORMED);
        }
        byte[] ipv6 = quoted(TCP);
        ipv6[0] = 0x65;
        assertThat(parse(3, 3, 0, ipv6)).isEqualTo(Kind.MALFORMED);
    }

    @Test
    void readsWhatWeWriteOurselves() {
        Random random = new Random(Seeds.next("IcmpErrorTest.own"));
        byte[] bytes = new byte[1_000];
        byte[] packet = quoted(TCP);
        System.arraycopy(packet, 0, bytes, 0, packet.length);
        MemorySegment memory = MemorySegment.ofArray(bytes);
        IcmpOutput output =
                new IcmpOutput(
                        new Ipv4Configuration(
                                List.of(Ipv4Subnet.parse("10.0.0.2", "255.0.0.0")), 0, 1500, 2),
                        new IcmpLimiter(random),
                        new IdentificationSource(0, 1, random));
        int length = output.writeError(0, IcmpMessage.PROTOCOL_UNREACHABLE, memory, 0, 2, 500);
        assertThat(error.parse(memory, 520, length - 20)).isEqualTo(Kind.HARD);
        assertThat(error.sequence()).isEqualTo(0x89abcdef);
    }

    @Test
    void neverReadsPastWhatArrived() {
        Random random = new Random(Seeds.next("IcmpErrorTest"));
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[8 + random.nextInt(80)];
            random.nextBytes(bytes);
            bytes[0] = (byte) (random.nextBoolean() ? 3 : random.nextInt(16));
            if (bytes.length > 8) {
                bytes[8] = (byte) (0x40 | random.nextInt(16));
            }
            // A segment throws when a byte beyond its end is touched.
            error.parse(MemorySegment.ofArray(bytes), 0, bytes.length);
        }
    }
}
