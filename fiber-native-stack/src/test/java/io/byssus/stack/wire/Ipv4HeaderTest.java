package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Ipv4HeaderTest {
    /** An echo request's header as the Linux kernel sends it, and four bytes of payload. */
    private static final String PACKET =
            "45 00 0018 1c46 4000 40 01 0a7d 0a090002 0a090001 deadbeef";

    private static MemorySegment packet() {
        MemorySegment packet = Bytes.hex(PACKET);
        Ipv4Header.complete(packet, 0);
        return packet;
    }

    @Test
    void readsAHeader() {
        MemorySegment packet = packet();
        assertThat(Ipv4Header.check(packet, 0, 24)).isEqualTo(Defect.NONE);
        assertThat(Ipv4Header.headerLength(packet, 0)).isEqualTo(20);
        assertThat(Ipv4Header.totalLength(packet, 0)).isEqualTo(24);
        assertThat(Ipv4Header.identification(packet, 0)).isEqualTo(0x1c46);
        assertThat(Ipv4Header.dontFragment(packet, 0)).isTrue();
        assertThat(Ipv4Header.moreFragments(packet, 0)).isFalse();
        assertThat(Ipv4Header.fragmentOffset(packet, 0)).isZero();
        assertThat(Ipv4Header.timeToLive(packet, 0)).isEqualTo(64);
        assertThat(Ipv4Header.protocol(packet, 0)).isEqualTo(Ipv4Header.PROTOCOL_ICMP);
        assertThat(Ipv4Address.format(Ipv4Header.source(packet, 0))).isEqualTo("10.9.0.2");
        assertThat(Ipv4Address.format(Ipv4Header.destination(packet, 0))).isEqualTo("10.9.0.1");
    }

    @Test
    void writesWhatItReads() {
        MemorySegment packet = packet();
        MemorySegment written = Bytes.hex("ff".repeat(20) + "deadbeef");
        Ipv4Header.begin(written, 0);
        Ipv4Header.totalLength(written, 0, 24);
        Ipv4Header.identification(written, 0, 0x1c46);
        Ipv4Header.setDontFragment(written, 0);
        Ipv4Header.timeToLive(written, 0, 64);
        Ipv4Header.protocol(written, 0, Ipv4Header.PROTOCOL_ICMP);
        Ipv4Header.source(written, 0, 0x0a090002);
        Ipv4Header.destination(written, 0, 0x0a090001);
        Ipv4Header.complete(written, 0);
        assertThat(Bytes.hex(written)).isEqualTo(Bytes.hex(packet));
    }

    @Test
    void fragmentsCountInEights() {
        MemorySegment packet = packet();
        Ipv4Header.fragment(packet, 0, 1480, Ipv4Header.Part.NOT_LAST);
        assertThat(Ipv4Header.fragmentOffset(packet, 0)).isEqualTo(1480);
        assertThat(Ipv4Header.moreFragments(packet, 0)).isTrue();
        assertThat(Ipv4Header.dontFragment(packet, 0)).isFalse();
        Ipv4Header.fragment(packet, 0, 65_528, Ipv4Header.Part.LAST);
        assertThat(Ipv4Header.fragmentOffset(packet, 0)).isEqualTo(65_528);
        assertThat(Ipv4Header.moreFragments(packet, 0)).isFalse();
    }

    @Test
    void paddingBehindThePacketIsNoDefect() {
        MemorySegment frame = Bytes.zeros(46);
        frame.copyFrom(packet());
        assertThat(Ipv4Header.check(frame, 0, 46)).isEqualTo(Defect.NONE);
    }

    @Test
    void believesNoLengthThatCannotBe() {
        // Every header length with every total length around it, in whatever arrived.
        for (int headerWords = 0; headerWords < 16; headerWords++) {
            for (int totalLength = 0; totalLength < 100; totalLength++) {
                for (int arrived = 0; arrived < 80; arrived++) {
                    MemorySegment packet = Bytes.zeros(Math.max(arrived, 60));
                    Bytes.put(packet, 0, 0x40 | headerWords);
                    Ipv4Header.totalLength(packet, 0, totalLength);
                    Ipv4Header.complete(packet, 0);
                    boolean right =
                            headerWords >= 5
                                    && totalLength >= headerWords * 4
                                    && arrived >= totalLength;
                    assertThat(
                                    Ipv4Header.check(packet.asSlice(0, arrived), 0, arrived)
                                            == Defect.NONE)
                            .as("%d %d %d", headerWords, totalLength, arrived)
                            .isEqualTo(right);
                }
            }
        }
    }

    @Test
    void refusesAnotherVersionAndAWrongChecksum() {
        MemorySegment packet = packet();
        Bytes.put(packet, 0, 0x65);
        assertThat(Ipv4Header.check(packet, 0, 24)).isEqualTo(Defect.WRONG_VERSION);
        packet = packet();
        Bytes.put(packet, 8, 63);
        assertThat(Ipv4Header.check(packet, 0, 24)).isEqualTo(Defect.BAD_CHECKSUM);
    }

    @Test
    void findsASourceRouteAmongOptions() {
        assertThat(withOptions("01 01 01 00")).isEqualTo("NONE false");
        assertThat(withOptions("83 07 04 0a000001 00")).isEqualTo("NONE true");
        assertThat(withOptions("01 89 07 04 0a000001")).isEqualTo("NONE true");
        assertThat(withOptions("94 04 00 00")).isEqualTo("NONE false"); // router alert
        assertThat(withOptions("00 83 07 04")).isEqualTo("NONE false"); // behind the end
    }

    @Test
    void survivesImpossibleOptionLengths() {
        assertThat(withOptions("94 00 00 00")).startsWith("BAD_OPTION");
        assertThat(withOptions("94 01 00 00")).startsWith("BAD_OPTION");
        assertThat(withOptions("94 05 00 00")).startsWith("BAD_OPTION");
        assertThat(withOptions("01 01 01 94")).startsWith("BAD_OPTION");
    }

    private static String withOptions(String digits) {
        MemorySegment options = Bytes.hex(digits);
        int headerLength = 20 + (int) options.byteSize();
        MemorySegment packet = Bytes.zeros(headerLength);
        packet.copyFrom(packet().asSlice(0, 20));
        MemorySegment.copy(options, 0, packet, 20, options.byteSize());
        Bytes.put(packet, 0, 0x40 | headerLength / 4);
        Ipv4Header.totalLength(packet, 0, headerLength);
        Ipv4Header.complete(packet, 0);
        assertThat(Ipv4Header.check(packet, 0, headerLength)).isEqualTo(Defect.NONE);
        return Ipv4Header.checkOptions(packet, 0) + " " + Ipv4Header.isSourceRouted(packet, 0);
    }

    @Test
    void neverReadsPastWhatArrived() {
        Random random = new Random(Seeds.next("Ipv4HeaderTest"));
        for (int i = 0; i < 100_000; i++) {
            int length = random.nextInt(70);
            MemorySegment packet = Bytes.random(random, length);
            if (length > 0 && random.nextBoolean()) {
                Bytes.put(packet, 0, 0x40 | random.nextInt(16));
            }
            if (length >= 20) {
                Ipv4Header.totalLength(packet, 0, random.nextInt(80));
            }
            // A segment throws when a byte beyond its end is touched.
            Defect defect = Ipv4Header.check(packet, 0, length);
            if (defect == Defect.NONE || defect == Defect.BAD_CHECKSUM) {
                Ipv4Header.checkOptions(packet, 0);
                Ipv4Header.isSourceRouted(packet, 0);
            }
        }
    }
}
