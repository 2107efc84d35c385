package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TcpOptionsTest {
    private final TcpOptions options = new TcpOptions();

    /** The options of a segment that has these bytes for options. */
    private Defect parse(String digits) {
        MemorySegment bytes = Bytes.hex(digits);
        MemorySegment segment = Bytes.zeros(20 + (int) bytes.byteSize());
        MemorySegment.copy(bytes, 0, segment, 20, bytes.byteSize());
        TcpHeader.headerLength(segment, 0, (int) segment.byteSize());
        return options.parse(segment, 0);
    }

    @Test
    void readsTheOptionsOfAKernelsSyn() {
        assertThat(parse("0204 05b4  0402  080a 9c1f3a55 00000000  01  0303 0a"))
                .isEqualTo(Defect.NONE);
        assertThat(options.mss()).isEqualTo(1460);
        assertThat(options.sackPermitted()).isTrue();
        assertThat(options.hasTimestamps()).isTrue();
        assertThat(options.timestampValue()).isEqualTo(0x9c1f3a55);
        assertThat(options.timestampEcho()).isZero();
        assertThat(options.windowScale()).isEqualTo(10);
        assertThat(options.sackBlocks()).isZero();
    }

    @Test
    void withoutOptionsNothingIsThere() {
        assertThat(parse("0204 05b4 0303 0a 00 0402 0000")).isEqualTo(Defect.NONE);
        assertThat(parse("")).isEqualTo(Defect.NONE);
        assertThat(options.mss()).isEqualTo(TcpOptions.ABSENT);
        assertThat(options.windowScale()).isEqualTo(TcpOptions.ABSENT);
        assertThat(options.sackPermitted()).isFalse();
        assertThat(options.hasTimestamps()).isFalse();
        assertThat(options.sackBlocks()).isZero();
    }

    @Test
    void readsSackBlocks() {
        assertThat(parse("0101 050a 00000005 00000009")).isEqualTo(Defect.NONE);
        assertThat(options.sackBlocks()).isEqualTo(1);
        assertThat(options.sackStart(0)).isEqualTo(5);
        assertThat(options.sackEnd(0)).isEqualTo(9);
        assertThat(parse("0101 0522" + "fffffff0 00000010".repeat(4))).isEqualTo(Defect.NONE);
        assertThat(options.sackBlocks()).isEqualTo(4);
        assertThat(options.sackStart(3)).isEqualTo(-16);
    }

    @Test
    @Tag("MUST-4")
    @Tag("MUST-64")
    void must64AnOptionMayBeginAnywhere() {
        assertThat(parse("01 0204 05b4 0101 01")).isEqualTo(Defect.NONE);
        assertThat(options.mss()).isEqualTo(1460);
    }

    @Test
    @Tag("MUST-6")
    @Tag("MUST-68")
    void must6UnknownOptionsAreSkipped() {
        assertThat(parse("fe06 00000000 0204 0218 0000")).isEqualTo(Defect.NONE);
        assertThat(options.mss()).isEqualTo(536);
    }

    @Test
    @Tag("MUST-4")
    void nothingIsReadBehindTheEndOfTheList() {
        assertThat(parse("00 0204 05b4 000000")).isEqualTo(Defect.NONE);
        assertThat(options.mss()).isEqualTo(TcpOptions.ABSENT);
    }

    @Test
    @Tag("MUST-7")
    void must7ImpossibleLengthsAreRefused() {
        assertThat(parse("0200 05b4")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("0201 05b4")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("0205 05b4")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("01010102")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("fe00 0000")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("0203 0500")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("0304 0a00")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("0403 0000")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("0809 00000000 00000000 0000")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("0502 0000")).isEqualTo(Defect.BAD_OPTION);
        assertThat(parse("0506 00000000 0000")).isEqualTo(Defect.BAD_OPTION);
    }

    @Test
    void whatStoodBeforeABadOneHasBeenRead() {
        assertThat(parse("0204 05b4 0300 0000")).isEqualTo(Defect.BAD_OPTION);
        assertThat(options.mss()).isEqualTo(1460);
    }

    @Test
    void aWindowScaleBeyondTheLargestCountsAsThat() {
        assertThat(parse("0303 ff 00")).isEqualTo(Defect.NONE);
        assertThat(options.windowScale()).isEqualTo(14);
    }

    @Test
    void readsWhatItWrites() {
        MemorySegment segment = Bytes.hex("ff".repeat(60));
        int length = TcpOptions.writeMss(segment, 20, 8960);
        length += TcpOptions.writeWindowScale(segment, 20 + length, 7);
        length += TcpOptions.writeSackPermitted(segment, 20 + length);
        length += TcpOptions.writeTimestamps(segment, 20 + length, 0x01020304, 0xf1f2f3f4);
        length += TcpOptions.beginSack(segment, 20 + length, 2);
        length += TcpOptions.writeSackBlock(segment, 20 + length, 100, 200);
        length += TcpOptions.writeSackBlock(segment, 20 + length, -1, 3);
        assertThat(length).isEqualTo(37);
        int padded = TcpOptions.pad(segment, 20, length);
        assertThat(padded).isEqualTo(40);
        TcpHeader.headerLength(segment, 0, 20 + padded);
        assertThat(options.parse(segment, 0)).isEqualTo(Defect.NONE);
        assertThat(options.mss()).isEqualTo(8960);
        assertThat(options.windowScale()).isEqualTo(7);
        assertThat(options.sackPermitted()).isTrue();
        assertThat(options.timestampValue()).isEqualTo(0x01020304);
        assertThat(options.timestampEcho()).isEqualTo(0xf1f2f3f4);
        assertThat(options.sackBlocks()).isEqualTo(2);
        assertThat(options.sackStart(1)).isEqualTo(-1);
        assertThat(options.sackEnd(1)).isEqualTo(3);
    }

    @Test
    @Tag("MUST-69")
    void must69PaddingIsZeros() {
        MemorySegment segment = Bytes.hex("ff".repeat(24));
        TcpOptions.writeSackPermitted(segment, 20);
        assertThat(TcpOptions.pad(segment, 20, 2)).isEqualTo(4);
        assertThat(Bytes.hex(segment)).endsWith("04020000");
    }

    @Test
    void neverReadsPastTheHeaderNorForEver() {
        Random random = new Random(Seeds.next("TcpOptionsTest"));
        for (int i = 0; i < 200_000; i++) {
            int length = 4 * random.nextInt(11);
            MemorySegment segment = Bytes.random(random, 20 + length);
            for (int at = 20; at < 20 + length; at++) {
                if (random.nextInt(3) == 0) {
                    Bytes.put(segment, at, random.nextInt(12)); // kinds and lengths that exist
                }
            }
            TcpHeader.headerLength(segment, 0, 20 + length);
            options.parse(segment, 0);
            assertThat(options.sackBlocks()).isBetween(0, 4);
            assertThat(options.windowScale()).isBetween(TcpOptions.ABSENT, 14);
        }
    }
}
