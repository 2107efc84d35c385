package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.MacAddress;
import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IcmpOutputTest {
    private static final String OWN = "10.0.0.1";
    private static final String PEER = "10.0.0.2";
    private static final long MAC = MacAddress.parse("02:00:00:00:00:01");
    private static final int ICMP = Ipv4Header.PROTOCOL_ICMP;
    private static final int UDP = Ipv4Header.PROTOCOL_UDP;
    private static final int OUT = 70_000;

    private final Random random = new Random(Seeds.next("IcmpOutputTest"));
    private final byte[] bytes = new byte[2 * OUT];
    private final MemorySegment memory = MemorySegment.ofArray(bytes);
    private final IcmpOutput output =
            new IcmpOutput(
                    new Ipv4Configuration(
                            List.of(Ipv4Subnet.parse(OWN, "255.255.255.0")),
                            Ipv4Address.parse("10.0.0.254"),
                            1500,
                            MAC),
                    new IcmpLimiter(random),
                    new IdentificationSource(0, 1, random));
    private long now;

    private static byte[] icmp(int type, int code, int length) {
        byte[] message = new byte[8 + length];
        for (int i = 8; i < message.length; i++) {
            message[i] = (byte) i;
        }
        MemorySegment segment = MemorySegment.ofArray(message);
        Icmpv4Header.begin(segment, 0, type, code);
        Icmpv4Header.echo(segment, 0, 0x1234, 0x5678);
        Icmpv4Header.complete(segment, 0, message.length);
        return message;
    }

    private static byte[] echo(String source, String destination, int length) {
        return Packets.packet(source, destination, ICMP, icmp(8, 0, length));
    }

    /** The whole answer, or null. */
    private byte[] reply(byte[] request, long frameDestination) {
        System.arraycopy(request, 0, bytes, 0, request.length);
        int length = output.writeEchoReply(now, memory, 0, frameDestination, OUT);
        assertThat(length).isIn(0, IcmpOutput.echoReplyLength(memory, 0));
        return checked(length);
    }

    /** The whole error, or null. */
    private byte[] error(IcmpMessage kind, byte[] packet, long frameDestination) {
        System.arraycopy(packet, 0, bytes, 0, packet.length);
        int length = output.writeError(now, kind, memory, 0, frameDestination, OUT);
        assertThat(length).isIn(0, IcmpOutput.errorLength(memory, 0));
        return checked(length);
    }

    private byte[] checked(int length) {
        if (length == 0) {
            return null;
        }
        assertThat(Ipv4Header.check(memory, OUT, length)).isEqualTo(Defect.NONE);
        assertThat(Ipv4Header.totalLength(memory, OUT)).isEqualTo(length);
        assertThat(Ipv4Header.protocol(memory, OUT)).isEqualTo(ICMP);
        assertThat(Icmpv4Header.check(memory, OUT + 20, length - 20)).isEqualTo(Defect.NONE);
        assertThat(Ipv4Header.identification(memory, OUT)).isNotZero();
        return Arrays.copyOfRange(bytes, OUT, OUT + length);
    }

    private IcmpSilence silence(byte[] packet) {
        long limited = output.silences().count(IcmpSilence.LIMITED);
        long[] before = counts();
        byte[] error = error(IcmpMessage.PORT_UNREACHABLE, packet, MAC);
        assertThat(output.silences().count(IcmpSilence.LIMITED)).isEqualTo(limited);
        for (IcmpSilence silence : IcmpSilence.values()) {
            if (output.silences().count(silence) > before[silence.ordinal()]) {
                assertThat(error == null).isEqualTo(silence != IcmpSilence.NONE);
                return silence;
            }
        }
        throw new AssertionError("nothing was counted");
    }

    private long[] counts() {
        return Arrays.stream(IcmpSilence.values()).mapToLong(output.silences()::count).toArray();
    }

    private static byte[] datagram(String source, String destination, int length) {
        return Packets.packet(source, destination, UDP, new byte[length]);
    }

    @Test
    void answersAnEchoWithTheSameData() {
        byte[] request = echo("8.8.8.8", OWN, 56);
        byte[] reply = reply(request, MAC);
        assertThat(reply).hasSameSizeAs(request);
        MemorySegment segment = MemorySegment.ofArray(reply);
        assertThat(Ipv4Address.format(Ipv4Header.source(segment, 0))).isEqualTo(OWN);
        assertThat(Ipv4Address.format(Ipv4Header.destination(segment, 0))).isEqualTo("8.8.8.8");
        assertThat(Icmpv4Header.type(segment, 20)).isEqualTo(Icmpv4Header.ECHO_REPLY);
        assertThat(Icmpv4Header.identifier(segment, 20)).isEqualTo(0x1234);
        assertThat(Icmpv4Header.sequence(segment, 20)).isEqualTo(0x5678);
        assertThat(Arrays.copyOfRange(reply, 28, 84))
                .isEqualTo(Arrays.copyOfRange(request, 28, 84));
        assertThat(output.sent().count(IcmpMessage.ECHO_REPLY)).isEqualTo(1);
    }

    @Test
    void answersInThePlaceOfTheRequestToo() {
        byte[] request = Packets.packet(PEER, OWN, ICMP, hex("94040000"), icmp(8, 0, 9));
        System.arraycopy(request, 0, bytes, OUT, request.length);
        int length = output.writeEchoReply(now, memory, OUT, MAC, OUT);
        assertThat(length).isEqualTo(20 + 8 + 9);
        byte[] reply = checked(length);
        assertThat(Arrays.copyOfRange(reply, 28, 37))
                .isEqualTo(Arrays.copyOfRange(request, 32, 41));
    }

    @Test
    void answersTheLargestEcho() {
        assertThat(reply(echo(PEER, OWN, 65_535 - 28), MAC)).hasSize(65_535);
    }

    @Test
    void keepsTheServiceClassButNotTheCongestionMark() {
        byte[] request = echo(PEER, OWN, 8);
        MemorySegment segment = MemorySegment.ofArray(request);
        Ipv4Header.trafficClass(segment, 0, 0xbb);
        Ipv4Header.complete(segment, 0);
        assertThat(Ipv4Header.trafficClass(MemorySegment.ofArray(reply(request, MAC)), 0))
                .isEqualTo(0xb8);
    }

    @Test
    void doesNotAnswerEchoesToEverybody() {
        assertThat(reply(echo(PEER, "10.0.0.255", 8), MacAddress.BROADCAST)).isNull();
        assertThat(reply(echo(PEER, "255.255.255.255", 8), MAC)).isNull();
        assertThat(reply(echo(PEER, OWN, 8), MacAddress.BROADCAST)).isNull();
        assertThat(output.silences()).hasToString("TO_GROUP=3");
    }

    @Test
    void anEchoOverLoopbackIsAnswered() {
        assertThat(reply(echo("127.0.0.1", "127.0.0.1", 8), 0)).isNotNull();
        assertThat(reply(echo("127.0.0.1", OWN, 8), MAC)).isNull();
    }

    @Test
    void anErrorQuotesAllThatFits() {
        byte[] small = datagram(PEER, OWN, 30);
        byte[] error = error(IcmpMessage.PORT_UNREACHABLE, small, MAC);
        assertThat(error).hasSize(28 + 50);
        assertThat(Arrays.copyOfRange(error, 28, 78)).isEqualTo(small);
        assertThat(error[20]).isEqualTo((byte) 3);
        assertThat(error[21]).isEqualTo((byte) 3);
        byte[] large = datagram(PEER, OWN, 3_000);
        error = error(IcmpMessage.PROTOCOL_UNREACHABLE, large, MAC);
        assertThat(error).hasSize(576);
        assertThat(Arrays.copyOfRange(error, 28, 576)).isEqualTo(Arrays.copyOf(large, 548));
        assertThat(error[21]).isEqualTo((byte) 2);
    }

    @Test
    void reassemblyTimeIsExceededForAFirstFragment() {
        byte[] first = Packets.fragment(datagram(PEER, OWN, 64), 9, 0, Ipv4Header.Part.NOT_LAST);
        byte[] error = error(IcmpMessage.REASSEMBLY_TIME_EXCEEDED, first, MAC);
        assertThat(error[20]).isEqualTo((byte) 11);
        assertThat(error[21]).isEqualTo((byte) 1);
    }

    @Test
    void isSilentAboutLaterFragments() {
        assertThat(silence(Packets.fragment(datagram(PEER, OWN, 8), 9, 8, Ipv4Header.Part.LAST)))
                .isEqualTo(IcmpSilence.LATER_FRAGMENT);
    }

    @Test
    void isSilentAboutErrors() {
        for (int type : new int[] {3, 4, 5, 11, 12, 13, 40}) {
            assertThat(silence(Packets.packet(PEER, OWN, ICMP, icmp(type, 0, 28))))
                    .isEqualTo(IcmpSilence.ABOUT_ERROR);
        }
        assertThat(silence(Packets.packet(PEER, OWN, ICMP, hex(""))))
                .isEqualTo(IcmpSilence.ABOUT_ERROR);
        assertThat(silence(echo(PEER, OWN, 8))).isEqualTo(IcmpSilence.NONE);
    }

    @Test
    void isSilentAboutWhatWentToMany() {
        for (String many : List.of("10.0.0.255", "255.255.255.255", "224.0.0.1", "10.0.0.0")) {
            assertThat(silence(datagram(PEER, many, 8))).isEqualTo(IcmpSilence.TO_GROUP);
        }
        assertThat(error(IcmpMessage.PORT_UNREACHABLE, datagram(PEER, OWN, 8), 0x0100_5e00_0001L))
                .isNull();
    }

    @Test
    void isSilentTowardsSourcesThatAreNoHost() {
        for (String none :
                List.of(
                        "0.0.0.0",
                        "0.0.0.9",
                        "127.0.0.1",
                        "224.0.0.1",
                        "240.0.0.1",
                        "255.255.255.255",
                        "10.0.0.255")) {
            assertThat(silence(datagram(none, OWN, 8))).isEqualTo(IcmpSilence.BAD_SOURCE);
        }
    }

    @Test
    void isSilentWhenItHasSaidEnough() {
        int sent = 0;
        for (int i = 0; i < 1_000; i++) {
            sent +=
                    error(IcmpMessage.PORT_UNREACHABLE, datagram(PEER, OWN, 8), MAC) == null
                            ? 0
                            : 1;
        }
        assertThat(sent).isBetween(5, 16);
        assertThat(output.sent().count(IcmpMessage.PORT_UNREACHABLE)).isEqualTo(sent);
        assertThat(output.silences().count(IcmpSilence.LIMITED)).isEqualTo(1_000 - sent);
    }
}
