package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.IcmpError;
import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;
import io.byssus.stack.wire.UdpHeader;
import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Every parser of what comes from a wire, on memory that ends where the message ends: reading one
 * byte more throws here, where in a frame it would read something else.
 */
class ParserFuzzTest {
    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int BYTES_MAX = 100;

    private final SplittableRandom random = new SplittableRandom(Seeds.next("ParserFuzzTest"));
    private final TcpOptions options = new TcpOptions();
    private final IcmpError error = new IcmpError();

    @Test
    void noParserThrowsOrReadsBeyondTheEnd() {
        long end = System.nanoTime() + NANOS;
        int right = 0;
        while (System.nanoTime() - end < 0) {
            for (int i = 0; i < 1000; i++) {
                right += parse(message());
            }
        }
        assertThat(right).as("messages that were taken for right").isPositive();
    }

    /** Any bytes; often with plausible lengths, so that parsers get beyond the first check. */
    private byte[] message() {
        byte[] bytes = new byte[random.nextInt(BYTES_MAX)];
        random.nextBytes(bytes);
        if (bytes.length >= Ipv4Header.BYTES_MIN && random.nextInt(4) != 0) {
            int words = bytes.length / Integer.BYTES;
            bytes[0] = (byte) (0x40 | (5 + random.nextInt(Math.min(words, 15) - 4)));
            bytes[2] = 0;
            bytes[3] = (byte) (bytes.length - random.nextInt(2));
            bytes[12] = (byte) ((5 + random.nextInt(Math.min(words, 15) - 4)) << 4);
            for (int at = 20; at + 1 < bytes.length; at += 2 + random.nextInt(10)) {
                bytes[at] = (byte) random.nextInt(10);
                bytes[at + 1] = (byte) random.nextInt(42);
            }
            MemorySegment memory = MemorySegment.ofArray(bytes);
            if (random.nextBoolean()) {
                Ipv4Header.complete(memory, 0);
            }
        }
        return bytes;
    }

    /** How many parsers found it right. */
    private int parse(byte[] bytes) {
        MemorySegment memory = MemorySegment.ofArray(bytes);
        int length = bytes.length;
        int right = 0;
        if (ArpPacket.check(memory, 0, length) == Defect.NONE) {
            right++;
        }
        if (Ipv4Header.check(memory, 0, length) == Defect.NONE) {
            right++;
            assertThat(Ipv4Header.totalLength(memory, 0)).isLessThanOrEqualTo(length);
            if (Ipv4Header.checkOptions(memory, 0) == Defect.NONE) {
                Ipv4Header.isSourceRouted(memory, 0);
            }
        }
        if (TcpHeader.checkLengths(memory, 0, length) == Defect.NONE) {
            right++;
            options.parse(memory, 0);
            assertThat(options.sackBlocks()).isBetween(0, TcpOptions.SACK_BLOCKS_MAX);
            assertThat(options.windowScale())
                    .isBetween(TcpOptions.ABSENT, TcpOptions.WINDOW_SCALE_MAX);
        }
        UdpHeader.check(memory, 0, length, InternetChecksum.pseudoHeader(1, 2, 17, length));
        Icmpv4Header.check(memory, 0, length);
        right += parseError(bytes);
        return right;
    }

    /** As {@code Transports} has it: the message's checksum was right. */
    private int parseError(byte[] bytes) {
        if (bytes.length < Icmpv4Header.BYTES) {
            return 0;
        }
        byte[] message = new byte[Icmpv4Header.BYTES + bytes.length];
        System.arraycopy(bytes, 0, message, Icmpv4Header.BYTES, bytes.length);
        message[0] = (byte) (random.nextBoolean() ? 3 : random.nextInt(13));
        message[1] = (byte) random.nextInt(16);
        MemorySegment memory = MemorySegment.ofArray(message);
        Icmpv4Header.complete(memory, 0, message.length);
        return switch (error.parse(memory, 0, message.length)) {
            case SOFT, HARD, FRAGMENTATION_NEEDED -> 1;
            case NOT_AN_ERROR, MALFORMED, IGNORED -> 0;
        };
    }
}
