package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.hex;
import static io.byssus.stack.ip.Packets.ip;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.MacAddress;
import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class Ipv4FilterTest {
    private static final long MAC = MacAddress.parse("02:00:00:00:00:01");
    private static final String OWN = "10.0.0.1";
    private static final String PEER = "10.0.0.2";

    private final Ipv4Configuration configuration =
            new Ipv4Configuration(List.of(Ipv4Subnet.parse(OWN, "255.255.255.0")), 0, 1500, MAC);
    private final MartianFilter martians = new MartianFilter(configuration);
    private final Ipv4Filter filter = new Ipv4Filter(configuration);

    private Martian check(String source, String destination) {
        return martians.check(ip(source), ip(destination), MAC);
    }

    private Ipv4Drop checkWithOptions(String options) {
        byte[] packet = Packets.packet(PEER, OWN, Ipv4Header.PROTOCOL_TCP, hex(options), hex(""));
        return filter.check(MemorySegment.ofArray(packet), 0, packet.length, MAC);
    }

    @Test
    void packetsToUsAndToEverybodyPass() {
        assertThat(check(PEER, OWN)).isEqualTo(Martian.NONE);
        assertThat(check("8.8.8.8", OWN)).isEqualTo(Martian.NONE);
        assertThat(martians.check(ip(PEER), ip("255.255.255.255"), MacAddress.BROADCAST))
                .isEqualTo(Martian.NONE);
        assertThat(martians.check(ip(PEER), ip("10.0.0.255"), MacAddress.BROADCAST))
                .isEqualTo(Martian.NONE);
        assertThat(martians.counters().count(Martian.NONE)).isEqualTo(4);
    }

    @Test
    @Tag("MUST-63")
    void must63NothingPassesFromASourceThatIsNoHost() {
        assertThat(check("127.0.0.1", OWN)).isEqualTo(Martian.SOURCE_LOOPBACK);
        assertThat(check("224.0.0.1", OWN)).isEqualTo(Martian.SOURCE_MULTICAST);
        assertThat(check("255.255.255.255", OWN)).isEqualTo(Martian.SOURCE_BROADCAST);
        assertThat(check("10.0.0.255", OWN)).isEqualTo(Martian.SOURCE_BROADCAST);
        assertThat(check("10.0.0.0", OWN)).isEqualTo(Martian.SOURCE_BROADCAST);
        assertThat(check("0.0.0.0", OWN)).isEqualTo(Martian.SOURCE_THIS_NETWORK);
        assertThat(check("0.1.2.3", OWN)).isEqualTo(Martian.SOURCE_THIS_NETWORK);
        assertThat(check("240.0.0.1", OWN)).isEqualTo(Martian.SOURCE_RESERVED);
        assertThat(check(OWN, OWN)).isEqualTo(Martian.SOURCE_OWN);
        assertThat(martians.counters().count(Martian.SOURCE_BROADCAST)).isEqualTo(3);
        assertThat(martians.counters().count(Martian.NONE)).isZero();
    }

    @Test
    void nothingPassesThatIsForOthers() {
        assertThat(check(PEER, "10.0.0.3")).isEqualTo(Martian.DESTINATION_NOT_OURS);
        assertThat(check(PEER, "127.0.0.1")).isEqualTo(Martian.DESTINATION_LOOPBACK);
        assertThat(check(PEER, "224.0.0.1")).isEqualTo(Martian.DESTINATION_MULTICAST);
        assertThat(check(PEER, "0.0.0.0")).isEqualTo(Martian.DESTINATION_NOT_OURS);
    }

    @Test
    void aPacketToUsAloneDoesNotComeInAFrameToEverybody() {
        assertThat(martians.check(ip(PEER), ip(OWN), MacAddress.BROADCAST))
                .isEqualTo(Martian.UNICAST_IN_GROUP_FRAME);
    }

    @Test
    @Tag("MUST-57")
    void must57WhatSpeaksWithOneHostTakesNoBroadcast() {
        assertThat(martians.checkUnicast(ip(PEER), ip(OWN), MAC)).isEqualTo(Martian.NONE);
        assertThat(martians.checkUnicast(ip(PEER), ip("10.0.0.255"), MacAddress.BROADCAST))
                .isEqualTo(Martian.DESTINATION_BROADCAST);
        assertThat(martians.checkUnicast(ip(PEER), ip("255.255.255.255"), MAC))
                .isEqualTo(Martian.DESTINATION_BROADCAST);
        assertThat(martians.checkUnicast(ip(PEER), ip("224.0.0.1"), MAC))
                .isEqualTo(Martian.DESTINATION_MULTICAST);
        assertThat(martians.checkUnicast(ip("127.0.0.1"), ip("10.0.0.255"), MAC))
                .isEqualTo(Martian.SOURCE_LOOPBACK);
    }

    @Test
    @Tag("MUST-50")
    void must50OptionsThatWeDoNotKnowAreIgnored() {
        assertThat(checkWithOptions("94040000")).isEqualTo(Ipv4Drop.NONE); // router alert
        assertThat(checkWithOptions("5e08010203040506")).isEqualTo(Ipv4Drop.NONE);
        assertThat(checkWithOptions("01010100")).isEqualTo(Ipv4Drop.NONE);
    }

    @Test
    @Tag("MUST-51")
    @Tag("MUST-52")
    @Tag("MUST-53")
    @Tag("SHLD-24")
    void must51To53DeviationPacketsWithASourceRouteAreDropped() {
        // RFC 7126, 4.3 and 4.4: a source route serves attackers only; so there is none to reverse,
        // to override, or to prefer to another.
        assertThat(checkWithOptions("83 07 04 0a000003 00")).isEqualTo(Ipv4Drop.SOURCE_ROUTED);
        assertThat(checkWithOptions("89 07 04 0a000003 00")).isEqualTo(Ipv4Drop.SOURCE_ROUTED);
        assertThat(filter.counters().count(Ipv4Drop.SOURCE_ROUTED)).isEqualTo(2);
    }

    @Test
    void impossibleOptionsAreDropped() {
        assertThat(checkWithOptions("94000000")).isEqualTo(Ipv4Drop.BAD_OPTION);
        assertThat(checkWithOptions("94ff0000")).isEqualTo(Ipv4Drop.BAD_OPTION);
    }

    @Test
    void theReasonsOfMartiansAreCountedApart() {
        byte[] packet = Packets.packet("127.0.0.1", OWN, Ipv4Header.PROTOCOL_TCP, hex("00"));
        assertThat(filter.check(MemorySegment.ofArray(packet), 0, packet.length, MAC))
                .isEqualTo(Ipv4Drop.MARTIAN);
        assertThat(filter.martians().counters()).hasToString("SOURCE_LOOPBACK=1");
    }

    @Test
    void survivesAnything() {
        Random random = new Random(Seeds.next("Ipv4FilterTest"));
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(70)];
            random.nextBytes(bytes);
            MemorySegment packet = MemorySegment.ofArray(bytes);
            if (bytes.length >= 20) {
                bytes[0] = (byte) (0x45 + random.nextInt(4));
                Ipv4Header.totalLength(packet, 0, bytes.length - random.nextInt(10));
                if (bytes.length >= Ipv4Header.headerLength(packet, 0)) {
                    Ipv4Header.complete(packet, 0);
                }
            }
            filter.check(packet, 0, bytes.length, random.nextLong() & MacAddress.BROADCAST);
        }
        assertThat(filter.counters().total()).isEqualTo(100_000);
    }
}
