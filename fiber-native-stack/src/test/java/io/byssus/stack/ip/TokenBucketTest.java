package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void givesABurstAndThenTheRate() {
        TokenBucket bucket = new TokenBucket(10, 3);
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(0)).isFalse();
        assertThat(bucket.nextAt(0)).isEqualTo(SECOND / 10);
        assertThat(bucket.take(SECOND / 10 - 1)).isFalse();
        assertThat(bucket.take(SECOND / 10)).isTrue();
        assertThat(bucket.take(SECOND / 10)).isFalse();
    }

    @Test
    void isFullAgainAfterAPauseAndNeverMoreThanFull() {
        TokenBucket bucket = new TokenBucket(10, 3);
        assertThat(bucket.take(0, 3)).isTrue();
        long later = 1_000 * SECOND;
        assertThat(bucket.take(later, 4)).isFalse();
        assertThat(bucket.take(later, 3)).isTrue();
        assertThat(bucket.take(later)).isFalse();
    }

    @Test
    void worksAtTimesBelowZero() {
        TokenBucket bucket = new TokenBucket(1, 1);
        long now = -5 * SECOND;
        assertThat(bucket.nextAt(now)).isEqualTo(now);
        assertThat(bucket.take(now)).isTrue();
        assertThat(bucket.take(now + SECOND - 1)).isFalse();
        assertThat(bucket.take(now + SECOND)).isTrue();
    }

    @Test
    void refusesRatesThatCannotBe() {
        assertThatThrownBy(() -> new TokenBucket(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("perSecond=0 burst=1");
    }

    @Test
    void isABucketWithTokens() {
        Random random = new Random(Seeds.next("TokenBucketTest"));
        TokenBucket bucket = new TokenBucket(1_000, 7);
        long now = 0;
        double tokens = 7; // a token each millisecond
        for (int i = 0; i < 100_000; i++) {
            long pause = random.nextInt(4) * 500_000L;
            now += pause;
            tokens = Math.min(7, tokens + pause / 1e6);
            int wanted = 1 + random.nextInt(3);
            boolean expected = tokens >= wanted;
            assertThat(bucket.take(now, wanted)).as("step %d", i).isEqualTo(expected);
            tokens -= expected ? wanted : 0;
        }
    }
}
