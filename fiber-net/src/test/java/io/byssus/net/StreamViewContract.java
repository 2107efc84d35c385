package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Seeds;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The stream views, and all ways to read and write against an array of bytes. */
abstract class StreamViewContract extends NetworkContract {
    private static final int BYTES = 300_000;

    StreamViewContract(StackUnderTest stack) {
        super(stack);
    }

    @Test
    void librariesForStreamsWorkOverAConnection() throws Exception {
        byte[] bytes = Talk.pattern(BYTES);
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                Fiber<Void> zipping =
                        Fiber.start(
                                "zipping",
                                () -> {
                                    OutputStream out = pair.client().output().asOutputStream();
                                    try (var zip = new GZIPOutputStream(out)) {
                                        zip.write(bytes);
                                    }
                                });
                InputStream in = pair.server().input().asInputStream();
                Talk.assertSame(new GZIPInputStream(in).readAllBytes(), bytes);
                zipping.join();
            }
        });
    }

    @Test
    void linesAreReadAndWritten() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                PrintWriter out =
                        new PrintWriter(
                                pair.client().output().asOutputStream(),
                                false,
                                StandardCharsets.UTF_8);
                out.print("first\nsecond\n");
                out.flush();
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        pair.server().input().asInputStream(),
                                        StandardCharsets.UTF_8));
                assertThat(in.readLine()).isEqualTo("first");
                assertThat(in.readLine()).isEqualTo("second");
                out.close();
                assertThat(in.readLine()).isNull();
                assertThat(out.checkError()).isFalse();
            }
        });
    }

    @Test
    void streamsKeepToTheirContractAtTheEdges() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                InputStream in = pair.server().input().asInputStream();
                OutputStream out = pair.client().output().asOutputStream();
                out.write(0x1ff);
                out.write(new byte[] {1, 2, 3});
                out.close();
                out.close();
                assertThat(in.read(new byte[5], 1, 0)).isZero();
                assertThat(in.read()).as("an unsigned byte").isEqualTo(0xff);
                assertThat(in.skip(-1)).isZero();
                assertThat(in.skip(1)).isEqualTo(1);
                byte[] target = new byte[4];
                assertThat(in.read(target, 1, 3)).isEqualTo(2);
                assertThat(target).containsExactly(0, 2, 3, 0);
                assertThat(in.read()).isEqualTo(-1);
                assertThat(in.read(target)).isEqualTo(-1);
                assertThatThrownBy(() -> in.read(target, 2, 3))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> out.write(target, -1, 3))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        });
    }

    static LongStream seeds() {
        long seed = Seeds.next("StreamViewContract");
        return LongStream.range(seed, seed + 20);
    }

    /** Whatever the mix of calls on both sides, what is read is what was written. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void readsAnswerWhatWasWritten(long seed) throws Exception {
        byte[] bytes = new byte[BYTES];
        new Random(seed).nextBytes(bytes);
        onShard(() -> {
            try (Pair pair = seed % 2 == 0 ? openPair() : openTightPair()) {
                Fiber<Void> writing =
                        Fiber.start("writing", () -> write(pair.client(), bytes, new Random(seed)));
                Talk.assertSame(read(pair.server().input(), new Random(-seed)), bytes);
                writing.join();
            }
        });
    }

    private static void write(Connection to, byte[] bytes, Random random) throws IOException {
        ConnectionOutput output = to.output();
        OutputStream stream = output.asOutputStream();
        for (int from = 0; from < bytes.length; ) {
            int count = Math.min(size(random), bytes.length - from);
            switch (random.nextInt(4)) {
                case 0 -> output.write(bytes, from, count);
                case 1 -> stream.write(bytes, from, count);
                default -> output.write(Talk.buffer(Arrays.copyOfRange(bytes, from, from + count)));
            }
            from += count;
            if (random.nextInt(5) == 0) {
                output.flush();
            }
        }
        output.close();
    }

    private static byte[] read(ConnectionInput input, Random random) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream stream = input.asInputStream();
        boolean open = true;
        while (open) {
            int count = size(random);
            if (random.nextInt(4) == 0) {
                byte[] some = stream.readNBytes(Math.min(count, 100));
                all.writeBytes(some);
                continue;
            }
            try (Buffer buffer = random.nextBoolean() ? input.readUpTo(count) : input.read()) {
                all.writeBytes(buffer.toByteArray());
                open = !buffer.isEmpty();
            }
        }
        return all.toByteArray();
    }

    /** Mostly small, at times large. */
    private static int size(Random random) {
        return 1 + random.nextInt(random.nextInt(8) == 0 ? 40_000 : 1500);
    }
}
