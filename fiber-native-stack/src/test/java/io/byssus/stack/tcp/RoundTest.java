package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoundTest {
    private final Round round = new Round();

    @Test
    void endsWhenAllThatWasSentAtItsBeginningIsAcknowledged() {
        assertThat(round.ends(1000, 5000)).isFalse();
        assertThat(round.ends(4999, 9000)).isFalse();
        assertThat(round.ends(5000, 9000)).isTrue();
        assertThat(round.ends(8000, 12_000)).isFalse();
        assertThat(round.ends(9500, 12_000)).isTrue();
    }

    @Test
    void sequenceNumbersWrapAround() {
        assertThat(round.ends(-2000, 1000)).isFalse();
        assertThat(round.ends(-1, 2000)).isFalse();
        assertThat(round.ends(1000, 3000)).isTrue();
    }
}
