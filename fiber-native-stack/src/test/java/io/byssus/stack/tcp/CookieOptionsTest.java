package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CookieOptionsTest {
    private final Random random = new Random(Seeds.next("CookieOptionsTest"));

    @Test
    void allOptionsComeBackFromAnyTimestamp() {
        for (int options = 0; options < 64; options++) {
            for (int i = 0; i < 1000; i++) {
                int clock = i < 200 ? i - 100 : random.nextInt();
                int value = CookieOptions.timestampValue(clock, options);
                assertThat(CookieOptions.of(value)).isEqualTo(options);
            }
        }
    }

    @Test
    void aTimestampIsNeverAheadOfTheClockAndLessThan64Behind() {
        for (int i = 0; i < 100_000; i++) {
            int clock = i < 20_000 ? i - 10_000 : random.nextInt();
            int value = CookieOptions.timestampValue(clock, random.nextInt(64));
            assertThat(SequenceNumber.distance(value, clock)).isBetween(0, 63);
        }
    }

    @Test
    void theScaleIsThePeersOrNone() {
        for (int scale = 0; scale <= CookieOptions.SCALE_MAX; scale++) {
            int options = scale | CookieOptions.SACK;
            assertThat(CookieOptions.hasScale(options)).isTrue();
            assertThat(CookieOptions.scale(options)).isEqualTo(scale);
        }
        int none = CookieOptions.NO_SCALE | CookieOptions.ECN;
        assertThat(CookieOptions.hasScale(none)).isFalse();
        assertThat(CookieOptions.scale(none)).isZero();
    }

    @Test
    void sackAndEcnAreBitsOfTheirOwn() {
        int value = CookieOptions.timestampValue(1_000_000, 7 | CookieOptions.SACK);
        assertThat(CookieOptions.of(value) & CookieOptions.SACK).isNotZero();
        assertThat(CookieOptions.of(value) & CookieOptions.ECN).isZero();
        assertThat(CookieOptions.scale(CookieOptions.of(value))).isEqualTo(7);
    }

    @Test
    void thereAreNoOtherOptions() {
        assertThatThrownBy(() -> CookieOptions.timestampValue(0, 64))
                .isInstanceOf(AssertionError.class);
    }
}
