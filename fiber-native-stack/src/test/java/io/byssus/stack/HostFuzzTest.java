package io.byssus.stack;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Arbitrary frames in each state harm nobody, for some seconds or for long. */
class HostFuzzTest {
    private static final int ROUNDS = 200;
    private static final long SECONDS = 4;

    private static void fuzzFor(String name, long seconds, BufferPool.Mode mode)
            throws IOException {
        long seed = Seeds.next(name);
        SplittableRandom seeds = new SplittableRandom(seed);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        int games = 0;
        long game = seed;
        while (System.nanoTime() - end < 0) {
            try {
                HostFuzzer.run(new SplittableRandom(game), ROUNDS, mode);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dbyssus.seed=" + game, e);
            }
            games++;
            game = seeds.nextLong();
        }
        System.out.println(name + ": " + games + " games");
    }

    @Test
    void anyFramesAreSurvived() throws IOException {
        fuzzFor("HostFuzzTest", SECONDS, BufferPool.Mode.TRACKING);
    }

    @Test
    @Tag("soak")
    @Timeout(1200)
    void anyFramesAreSurvivedForLong() throws IOException {
        String seconds = System.getProperty("byssus.soak.seconds", "");
        fuzzFor(
                "HostFuzzTest, long",
                seconds.isEmpty() ? 600 : Long.parseLong(seconds),
                BufferPool.Mode.RECYCLING);
    }
}
