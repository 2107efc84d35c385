package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    private final Random random = new Random(Seeds.next("InternetChecksumTest"));

    /** RFC 1071's definition, word by word. */
    private static int model(MemorySegment frame, long offset, long length) {
        int sum = 0;
        for (long i = 0; i < length; i++) {
            int octet = Byte.toUnsignedInt(frame.get(ValueLayout.JAVA_BYTE, offset + i));
            sum += i % 2 == 0 ? octet << 8 : octet;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    @Test
    void theExampleOfRfc1071() {
        MemorySegment frame = Bytes.hex("0001 f203 f4f5 f6f7");
        assertThat(InternetChecksum.checksum(InternetChecksum.sum(frame, 0, 8)))
                .isEqualTo(~0xddf2 & 0xffff);
    }

    @Test
    void isWhatTheDefinitionSaysForAnyLengthAndAlignment() {
        MemorySegment frame = Bytes.random(random, 2000);
        for (int i = 0; i < 20_000; i++) {
            int offset = random.nextInt(64);
            int length = random.nextInt(i % 10 == 0 ? 1900 : 80);
            assertThat(InternetChecksum.checksum(InternetChecksum.sum(frame, offset, length)))
                    .isEqualTo(model(frame, offset, length));
        }
    }

    @Test
    void doesNotOverflowOverTheLargestPacketOfOnes() {
        MemorySegment frame = Bytes.zeros(65_535);
        frame.fill((byte) 0xff);
        assertThat(InternetChecksum.checksum(InternetChecksum.sum(frame, 0, 65_535)))
                .isEqualTo(model(frame, 0, 65_535));
        assertThat(InternetChecksum.checksum(InternetChecksum.sum(frame, 0, 65_534))).isZero();
    }

    @Test
    void isRightWithTheChecksumInItsPlace() {
        for (int i = 0; i < 1000; i++) {
            int length = 2 + random.nextInt(100);
            MemorySegment frame = Bytes.random(random, length);
            int at = random.nextInt(length / 2) * 2;
            BigEndian.putShort(frame, at, 0);
            long sum = InternetChecksum.sum(frame, 0, length);
            BigEndian.putShort(frame, at, InternetChecksum.checksum(sum));
            assertThat(InternetChecksum.isRight(InternetChecksum.sum(frame, 0, length))).isTrue();
            int flipped = random.nextInt(length);
            Bytes.put(frame, flipped, frame.get(ValueLayout.JAVA_BYTE, flipped) ^ 0x10);
            assertThat(InternetChecksum.isRight(InternetChecksum.sum(frame, 0, length))).isFalse();
        }
    }

    @Test
    void theSumOfPartsIsTheSumOfTheWhole() {
        for (int i = 0; i < 10_000; i++) {
            int length = random.nextInt(200);
            MemorySegment frame = Bytes.random(random, length);
            int cut = random.nextInt(length + 1);
            long front = InternetChecksum.sum(frame, 0, cut);
            long back = InternetChecksum.sum(frame, cut, length - cut);
            long sum = front + (cut % 2 == 0 ? back : InternetChecksum.shifted(back));
            assertThat(InternetChecksum.checksum(sum)).isEqualTo(model(frame, 0, length));
        }
    }

    @Test
    void thePseudoHeaderCountsLikeItsBytes() {
        for (int i = 0; i < 10_000; i++) {
            int source = random.nextInt();
            int destination = random.nextInt();
            int protocol = random.nextInt(256);
            int length = random.nextInt(65_536);
            MemorySegment bytes = Bytes.zeros(12);
            BigEndian.putInt(bytes, 0, source);
            BigEndian.putInt(bytes, 4, destination);
            BigEndian.putByte(bytes, 9, protocol);
            BigEndian.putShort(bytes, 10, length);
            long sum = InternetChecksum.pseudoHeader(source, destination, protocol, length);
            assertThat(InternetChecksum.checksum(sum)).isEqualTo(model(bytes, 0, 12));
        }
    }

    @Test
    void anUpdateIsWhatAWholeNewSumWouldBe() {
        for (int i = 0; i < 10_000; i++) {
            // As in a header, which is never all zeros: there are two zeros in one's complement.
            MemorySegment frame = Bytes.random(random, 20);
            Bytes.put(frame, 0, 0x45);
            BigEndian.putShort(frame, 10, 0);
            int before = InternetChecksum.checksum(InternetChecksum.sum(frame, 0, 20));
            int old = BigEndian.unsignedShort(frame, 8);
            int changed =
                    random.nextInt(4) == 0 ? 0xffff * random.nextInt(2) : random.nextInt(0x10000);
            BigEndian.putShort(frame, 8, changed);
            int after = InternetChecksum.checksum(InternetChecksum.sum(frame, 0, 20));
            assertThat(InternetChecksum.updated(before, old, changed)).isEqualTo(after);
        }
    }

    @Test
    void aDeviceCompletesAPartialOne() {
        MemorySegment segment = Bytes.random(random, 61);
        long pseudo = InternetChecksum.pseudoHeader(0x0a000001, 0x0a000002, 6, 61);
        BigEndian.putShort(segment, 16, 0);
        int whole = InternetChecksum.checksum(pseudo + InternetChecksum.sum(segment, 0, 61));
        BigEndian.putShort(segment, 16, InternetChecksum.partial(pseudo));
        // What virtio says: sum from the transport header on, the field included, and complement
        // it.
        assertThat(model(segment, 0, 61)).isEqualTo(whole);
    }
}
