package io.byssus.stack;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.testing.Seeds;
import io.byssus.testing.SoakLength;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link SteeringGame}s without end; a failure says the seed of its one game. */
@Tag("soak")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SteeringSoakTest {
    private final SplittableRandom seeds = new SplittableRandom(Seeds.next("SteeringSoakTest"));

    @Test
    void everyByteArrivesWhereverItsFrameDoes() {
        int games = 0;
        long dropped = 0;
        for (SoakLength soak = SoakLength.start(); soak.goesOn(); games++) {
            long seed = seeds.nextLong();
            SteeringGame game =
                    new SteeringGame(new SplittableRandom(seed), BufferPool.Mode.RECYCLING);
            try {
                game.play();
            } catch (AssertionError e) {
                throw new AssertionError("game " + games + ", seed " + seed, e);
            }
            dropped += game.dropped();
        }
        System.out.println("SteeringSoakTest: games=" + games + " dropped=" + dropped);
    }
}
