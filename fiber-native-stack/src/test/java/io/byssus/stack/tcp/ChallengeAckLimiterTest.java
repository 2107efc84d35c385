package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 5961, section 7, and CVE-2016-5696. */
class ChallengeAckLimiterTest {
    private static final long SECOND = 1_000_000_000;
    private static final int BUDGET = 1000;

    private final Random random = new Random(Seeds.next("ChallengeAckLimiterTest"));
    private final long start = random.nextLong() / 2;
    private final ChallengeAckLimiter limiter = new ChallengeAckLimiter(random, BUDGET, start);

    /** How many of {@code count} connections that never answered before are answered. */
    private int provoke(long now, int count) {
        int answered = 0;
        for (int i = 0; i < count; i++) {
            answered += limiter.allows(now, now) ? 1 : 0;
        }
        return answered;
    }

    @Test
    void aConnectionAnswersTwiceASecond() {
        long next = start;
        int answered = 0;
        for (long now = start; now < start + (10 * SECOND); now += SECOND / 1000) {
            if (limiter.allows(now, next)) {
                next = ChallengeAckLimiter.next(now);
                answered++;
            }
        }
        assertThat(answered).isEqualTo(20);
        assertThat(limiter.answered()).isEqualTo(20);
        assertThat(limiter.limitedByConnection()).isEqualTo(10_000 - 20);
        assertThat(limiter.limitedByBudget()).isZero();
    }

    @Test
    void aFloodOnOneConnectionSilencesNoOther() {
        long flooded = start;
        for (int i = 0; i < 100_000; i++) {
            if (limiter.allows(start, flooded)) {
                flooded = ChallengeAckLimiter.next(start);
            }
        }
        assertThat(limiter.allows(start, start)).isTrue();
    }

    @Test
    void allTogetherHaveABudgetThatNobodyKnows() {
        int[] counts = new int[10];
        long sum = 0;
        int seconds = 10_000;
        for (int i = 0; i < seconds; i++) {
            int answered = provoke(start + (i * SECOND), 2 * BUDGET);
            assertThat(answered).isBetween(BUDGET / 2, (BUDGET / 2 * 3) - 1);
            counts[(answered - (BUDGET / 2)) * counts.length / BUDGET]++;
            sum += answered;
        }
        Uniformity.assertUniform("budgets", counts);
        assertThat(sum / seconds).isBetween((long) (BUDGET * 0.97), (long) (BUDGET * 1.03));
        assertThat(limiter.answered()).isEqualTo(sum);
        assertThat(limiter.limitedByBudget()).isEqualTo((2L * BUDGET * seconds) - sum);
    }

    /**
     * The attack: in every other second a guess at the victim's sequence number is right, and makes
     * it answer; the attacker counts what his own connections get.
     */
    @Test
    void whoExhaustsTheBudgetDoesNotSeeThatAnotherWasAnswered() {
        int seconds = 2_000;
        double[] sums = new double[2];
        for (int i = 0; i < seconds; i++) {
            long now = start + (i * SECOND);
            int right = i % 2;
            provoke(now, right);
            sums[right] += provoke(now, 2 * BUDGET);
        }
        double difference = (sums[0] - sums[1]) / (seconds / 2.0);
        // The deviation of the difference of two means of 1000 is 289 * sqrt(2 / 1000) = 12.9: ten
        // times what the one answer makes.
        assertThat(difference).isBetween(1 - (5 * 12.9), 1 + (5 * 12.9));
    }

    @Test
    void whatHasNoConnectionHasTheBudgetAlone() {
        int answered = 0;
        while (limiter.allows(start)) {
            answered++;
        }
        assertThat(answered).isBetween(BUDGET / 2, (BUDGET / 2 * 3) - 1);
        assertThat(limiter.allows(start + SECOND - 1)).isFalse();
        assertThat(limiter.allows(start + SECOND)).isTrue();
    }

    @Test
    void aBudgetLeavesRoomForChance() {
        assertThatThrownBy(() -> new ChallengeAckLimiter(random, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("perSecond=1");
    }
}
