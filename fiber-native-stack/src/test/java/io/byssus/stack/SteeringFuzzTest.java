package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.testing.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** {@link SteeringGame}s. */
class SteeringFuzzTest {
    private static final int GAMES = 12;

    @Test
    void everyByteArrivesWhereverItsFrameDoes() {
        SplittableRandom seeds = new SplittableRandom(Seeds.next("SteeringFuzzTest"));
        long forwarded = 0;
        long dropped = 0;
        for (int i = 0; i < GAMES; i++) {
            long seed = seeds.nextLong();
            SteeringGame game =
                    new SteeringGame(new SplittableRandom(seed), BufferPool.Mode.TRACKING);
            try {
                game.play();
            } catch (AssertionError e) {
                throw new AssertionError("game " + i + ", seed " + seed, e);
            }
            forwarded += game.forwarded();
            dropped += game.dropped();
        }
        System.out.println(
                "SteeringFuzzTest: " + forwarded + " frames forwarded, " + dropped + " dropped");
        assertThat(forwarded).isPositive();
    }
}
