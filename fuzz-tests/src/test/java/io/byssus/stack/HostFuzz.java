package io.byssus.stack;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.byssus.runtime.memory.BufferPool;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A host with a connection in each state, under arbitrary frames, beside an honest connection. */
class HostFuzz {
    private static final int SEEDS = 16;
    private static final int SEED_BYTES = 1024;
    private static final int BYTES_PER_ROUND = 64;
    private static final int ROUNDS_MAX = 64;

    /** Games as chance plays them: the fuzzer makes something of them. */
    static Stream<byte[]> games() {
        return IntStream.range(0, SEEDS).mapToObj(HostFuzz::game);
    }

    private static byte[] game(int seed) {
        byte[] bytes = new byte[SEED_BYTES];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    @MethodSource("games")
    @FuzzTest
    void anyFramesAreSurvived(byte[] game) throws IOException {
        int rounds = Math.min(1 + game.length / BYTES_PER_ROUND, ROUNDS_MAX);
        HostFuzzer.run(new InputRandom(game), rounds, BufferPool.Mode.RECYCLING);
    }
}
