package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The model is a number that does not wrap, of which a sequence number is the lower half. */
class SequenceNumberTest {
    private static final int HALF = Integer.MAX_VALUE;

    private final Random random = new Random(Seeds.next("SequenceNumberTest"));

    /** Near the places where something wraps more often than not. */
    private long anyNumber() {
        long near = (long) random.nextInt(5) << 31;
        return random.nextInt(4) == 0
                ? random.nextLong(1L << 40)
                : (1L << 40) + near + random.nextInt(-5, 6);
    }

    /** Less than 2^31 either way. */
    private long anyDistance() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(-5, 6);
            case 1 -> HALF - random.nextInt(5);
            case 2 -> -HALF + random.nextInt(5);
            default -> random.nextInt(-HALF, HALF);
        };
    }

    @Test
    void comparesLikeNumbersThatDoNotWrap() {
        for (int i = 0; i < 100_000; i++) {
            long a = anyNumber();
            long b = a + anyDistance();
            int x = (int) a;
            int y = (int) b;
            assertThat(SequenceNumber.distance(x, y)).isEqualTo((int) (b - a));
            assertThat(SequenceNumber.isBefore(x, y)).isEqualTo(a < b);
            assertThat(SequenceNumber.isAtOrBefore(x, y)).isEqualTo(a <= b);
            assertThat(SequenceNumber.isAfter(x, y)).isEqualTo(a > b);
            assertThat(SequenceNumber.isAtOrAfter(x, y)).isEqualTo(a >= b);
            assertThat(SequenceNumber.max(x, y)).isEqualTo((int) Math.max(a, b));
            assertThat(SequenceNumber.min(x, y)).isEqualTo((int) Math.min(a, b));
        }
    }

    @Test
    void aRangeMayLieAcrossTheWrap() {
        for (int i = 0; i < 100_000; i++) {
            long start = anyNumber();
            long number = start + anyDistance();
            int length = (int) Math.abs(anyDistance());
            assertThat(SequenceNumber.isWithin((int) number, (int) start, length))
                    .isEqualTo(number >= start && number < start + length);
        }
    }

    @Test
    void nothingIsWithinNothing() {
        assertThat(SequenceNumber.isWithin(7, 7, 0)).isFalse();
        assertThat(SequenceNumber.isWithin(6, 7, 0)).isFalse();
    }

    @Test
    void zeroComesAfterTheLastNumber() {
        assertThat(SequenceNumber.isAfter(0, 0xffff_ffff)).isTrue();
        assertThat(SequenceNumber.isAfter(Integer.MIN_VALUE, Integer.MAX_VALUE)).isTrue();
        assertThat(SequenceNumber.distance(0xffff_fffe, 3)).isEqualTo(5);
        assertThat(SequenceNumber.max(0xffff_fffe, 3)).isEqualTo(3);
    }
}
