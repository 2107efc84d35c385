package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.stack.tcp.MemoryBudget.Level;
import io.byssus.testing.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final int SIXTEENTH = 1 << 20;

    private final MemoryBudget budget = new MemoryBudget(16L * SIXTEENTH);

    private void chargeTo(long bytes) {
        budget.change(budget.charged(), bytes);
        assertThat(budget.charged()).isEqualTo(bytes);
    }

    @Test
    void levelsRiseWithWhatIsCharged() {
        chargeTo(12 * SIXTEENTH - 1);
        assertThat(budget.level()).isEqualTo(Level.NONE);
        chargeTo(12 * SIXTEENTH);
        assertThat(budget.level()).isEqualTo(Level.PRESSURE);
        chargeTo(15 * SIXTEENTH - 1);
        assertThat(budget.level()).isEqualTo(Level.PRESSURE);
        chargeTo(15 * SIXTEENTH);
        assertThat(budget.level()).isEqualTo(Level.CRITICAL);
    }

    @Test
    void levelsFallLaterThanTheyRose() {
        chargeTo(15 * SIXTEENTH);
        chargeTo(14 * SIXTEENTH);
        assertThat(budget.level()).isEqualTo(Level.CRITICAL);
        chargeTo(14 * SIXTEENTH - 1);
        assertThat(budget.level()).isEqualTo(Level.PRESSURE);
        chargeTo(10 * SIXTEENTH);
        assertThat(budget.level()).isEqualTo(Level.PRESSURE);
        chargeTo(10 * SIXTEENTH - 1);
        assertThat(budget.level()).isEqualTo(Level.NONE);
        assertThat(budget.pressures()).isEqualTo(1);
        assertThat(budget.criticals()).isEqualTo(1);
    }

    @Test
    void levelsAreLeftAtOnceWhenMuchIsGivenBack() {
        chargeTo(16 * SIXTEENTH);
        assertThat(budget.level()).isEqualTo(Level.CRITICAL);
        chargeTo(0);
        assertThat(budget.level()).isEqualTo(Level.NONE);
        assertThat(budget.chargedHighest()).isEqualTo(16 * SIXTEENTH);
    }

    @Test
    void aConnectionAlwaysGetsItsMinimumWhileThereIsMemory() {
        chargeTo(15 * SIXTEENTH);
        int minimum = MemoryBudget.CONNECTION_MIN;
        assertThat(budget.admits(0, minimum, 0)).isTrue();
        assertThat(budget.admits(1, minimum, 0)).isFalse();
        assertThat(budget.admits(1, minimum - 1, 0)).isTrue();
        chargeTo(14 * SIXTEENTH - 1);
        assertThat(budget.admits(1, minimum, 0)).isTrue();
    }

    @Test
    void whoHoldsNothingGetsOneFrameOfAnySizeWhileThereIsMemory() {
        chargeTo(15 * SIXTEENTH);
        assertThat(budget.admits(0, SIXTEENTH, 0)).isTrue();
        assertThat(budget.admits(0, SIXTEENTH + 1, 0)).isFalse();
        assertThat(budget.admits(1, MemoryBudget.CONNECTION_MIN, 0)).isFalse();
    }

    @Test
    void nobodyGetsMoreThanThereIs() {
        assertThat(budget.admits(0, 16 * SIXTEENTH, 0)).isTrue();
        assertThat(budget.admits(0, 16 * SIXTEENTH, 1)).isFalse();
        assertThat(budget.admits(0, 16 * SIXTEENTH + 1, 0)).isFalse();
        chargeTo(16 * SIXTEENTH - 100);
        assertThat(budget.admits(0, 100, 0)).isTrue();
        assertThat(budget.admits(0, 101, 0)).isFalse();
        assertThat(budget.admits(0, 90, 11)).isFalse();
        assertThat(budget.left()).isEqualTo(100);
    }

    @Test
    void theExcessIsWhatMustBeGivenBackUntilTheLevelFalls() {
        chargeTo(15 * SIXTEENTH - 1);
        assertThat(budget.excess()).isZero();
        chargeTo(15 * SIXTEENTH);
        chargeTo(budget.charged() - budget.excess() + 1);
        assertThat(budget.level()).isEqualTo(Level.CRITICAL);
        chargeTo(budget.charged() - budget.excess());
        assertThat(budget.level()).isEqualTo(Level.PRESSURE);
    }

    @Test
    void closingFindsWhatWasNotGivenBack() {
        budget.change(0, 5000);
        assertThatThrownBy(budget::close)
                .isInstanceOf(AssertionError.class)
                .hasMessage("charged=5000");
        budget.change(5000, 0);
        budget.close();
    }

    @Test
    void givingBackMoreThanWasTakenIsABug() {
        assertThatThrownBy(() -> budget.change(1, 0)).isInstanceOf(AssertionError.class);
    }

    @Test
    void lessThanOneConnectionsMinimumIsNoBudget() {
        assertThatThrownBy(() -> new MemoryBudget(100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity=100");
    }

    @Test
    void returnsToZeroWhateverConnectionsDo() {
        SplittableRandom random = new SplittableRandom(Seeds.next("MemoryBudgetTest"));
        int[] held = new int[100];
        for (int step = 0; step < 100_000; step++) {
            int connection = random.nextInt(held.length);
            int target = random.nextInt(8) == 0 ? 0 : random.nextInt(1 << 19);
            int before = held[connection];
            if (target <= before || budget.admits(before, target - before, 0)) {
                budget.change(before, target);
                held[connection] = target;
            }
            assertThat(budget.charged()).isBetween(0L, budget.capacity());
        }
        for (int bytes : held) {
            budget.change(bytes, 0);
        }
        budget.close();
        assertThat(budget.level()).isEqualTo(Level.NONE);
    }
}
