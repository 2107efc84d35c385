package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SipHashTest {
    /** The bytes 0, 1, 2 ... as words: key and input of the reference implementation's vectors. */
    private static final long[] COUNTING = {
        0x0706_0504_0302_0100L,
        0x0f0e_0d0c_0b0a_0908L,
        0x1716_1514_1312_1110L,
        0x1f1e_1d1c_1b1a_1918L,
        0x2726_2524_2322_2120L,
        0x2f2e_2d2c_2b2a_2928L
    };

    private final Random random = new Random(Seeds.next("SipHashTest"));

    private static long hash(SipHash sip, long... in) {
        return switch (in.length) {
            case 1 -> sip.hash(in[0]);
            case 2 -> sip.hash(in[0], in[1]);
            case 3 -> sip.hash(in[0], in[1], in[2]);
            case 4 -> sip.hash(in[0], in[1], in[2], in[3]);
            case 5 -> sip.hash(in[0], in[1], in[2], in[3], in[4]);
            default -> sip.hash(in[0], in[1], in[2], in[3], in[4], in[5]);
        };
    }

    /** The paper's definition, over bytes, with c and d rounds. */
    private static long model(int c, int d, long key0, long key1, byte[] input) {
        long[] v = {
            key0 ^ 0x736f6d6570736575L,
            key1 ^ 0x646f72616e646f6dL,
            key0 ^ 0x6c7967656e657261L,
            key1 ^ 0x7465646279746573L
        };
        ByteBuffer padded =
                ByteBuffer.allocate((input.length / 8 + 1) * 8).order(ByteOrder.LITTLE_ENDIAN);
        padded.put(input).put(padded.capacity() - 1, (byte) input.length);
        for (int at = 0; at < padded.capacity(); at += 8) {
            long word = padded.getLong(at);
            v[3] ^= word;
            rounds(v, c);
            v[0] ^= word;
        }
        v[2] ^= 0xff;
        rounds(v, d);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void rounds(long[] v, int count) {
        for (int i = 0; i < count; i++) {
            half(v, 0, 1, 13, 2, 3, 16);
            half(v, 2, 1, 17, 0, 3, 21);
        }
    }

    private static void half(long[] v, int a, int b, int s, int c, int d, int t) {
        v[a] += v[b];
        v[c] += v[d];
        v[b] = Long.rotateLeft(v[b], s) ^ v[a];
        v[d] = Long.rotateLeft(v[d], t) ^ v[c];
        v[a] = Long.rotateLeft(v[a], 32);
    }

    private static byte[] bytes(long... words) {
        ByteBuffer bytes = ByteBuffer.allocate(words.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(words);
        return bytes.array();
    }

    @Test
    void theModelHasTheExampleOfThePaper() {
        byte[] input = new byte[15];
        for (int i = 0; i < input.length; i++) {
            input[i] = (byte) i;
        }
        assertThat(model(2, 4, COUNTING[0], COUNTING[1], input)).isEqualTo(0xa129ca6149be45e5L);
    }

    @Test
    void hashHasTheVectorsOfTheReferenceImplementation() {
        long[] expected = {
            0x93f5f5799a932462L,
            0x3f2acc7f57c29bdbL,
            0xb8ad50c6f649af94L,
            0x7127512f72f27cceL,
            0x0e3ea96b5304a7d0L,
            0xe612a3cb9ecba951L
        };
        SipHash sip = new SipHash(COUNTING[0], COUNTING[1]);
        for (int words = 1; words <= expected.length; words++) {
            assertThat(hash(sip, Arrays.copyOf(COUNTING, words))).isEqualTo(expected[words - 1]);
        }
    }

    /** Made with the SipHasher13 of Rust's standard library. */
    @Test
    void tableHashHasTheValuesOfAnotherImplementation() {
        SipHash sip = new SipHash(COUNTING[0], COUNTING[1]);
        assertThat(sip.tableHash(COUNTING[0], COUNTING[1])).isEqualTo(0xcc4fdd1a7d908b66L);
        assertThat(sip.tableHash(COUNTING[0], COUNTING[1], COUNTING[2], COUNTING[3], COUNTING[4]))
                .isEqualTo(0xc1d2363299e41531L);
    }

    @Test
    void isWhatTheDefinitionSaysForAnyKeyAndWords() {
        for (int i = 0; i < 10_000; i++) {
            long key0 = random.nextLong();
            long key1 = random.nextLong();
            SipHash sip = new SipHash(key0, key1);
            long[] in = random.longs(1 + random.nextInt(6)).toArray();
            assertThat(hash(sip, in)).isEqualTo(model(2, 4, key0, key1, bytes(in)));
            long[] five = random.longs(5).toArray();
            assertThat(sip.tableHash(five[0], five[1], five[2], five[3], five[4]))
                    .isEqualTo(model(1, 3, key0, key1, bytes(five)));
            assertThat(sip.tableHash(five[0], five[1]))
                    .isEqualTo(model(1, 3, key0, key1, bytes(five[0], five[1])));
        }
    }

    @Test
    void fewerWordsAreNotTheSameAsMoreThatAreZero() {
        SipHash sip = new SipHash(random);
        Set<Long> results = new HashSet<>();
        for (int words = 1; words <= 6; words++) {
            assertThat(results.add(hash(sip, new long[words]))).isTrue();
        }
    }
}
