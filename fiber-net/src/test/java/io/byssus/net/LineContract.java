package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import io.byssus.testing.Eventually;
import io.byssus.testing.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ConnectionInput#readLine} and {@link ConnectionInput#readUntil}. */
abstract class LineContract extends NetworkContract {
    private static final int LINE_BYTES_MAX = 700;
    private static final byte[] BLANK_LINE = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    LineContract(StackUnderTest stack) {
        super(stack);
    }

    @Test
    void linesComeWithoutTheirEndsAndThenNothingDoes() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "one\r\n\ntwo\r\r\n\r\nthree\n");
                pair.client().output().close();
                ConnectionInput input = pair.server().input();
                assertThat(input.readLine(100)).contains("one");
                assertThat(input.readLine(1)).contains("");
                assertThat(input.readLine(100)).contains("two\r");
                assertThat(input.readLine(100)).contains("");
                assertThat(input.readLine(100)).contains("three");
                assertThat(input.readLine(100)).isEmpty();
                assertThat(input.readLine(100)).isEmpty();
            }
        });
    }

    @Test
    void aLineIsInTheCharacterSetOfTheReader() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "gr\u00fc\u00df\n");
                pair.client()
                        .output()
                        .write("gr\u00fc\u00df\n".getBytes(StandardCharsets.ISO_8859_1));
                pair.client().output().write(new byte[] {'a', (byte) 0xff, '\n'});
                pair.client().output().flush();
                ConnectionInput input = pair.server().input();
                assertThat(input.readLine(100)).contains("gr\u00fc\u00df");
                assertThat(input.readLine(100, StandardCharsets.ISO_8859_1))
                        .contains("gr\u00fc\u00df");
                assertThat(input.readLine(100)).as("malformed").contains("a\ufffd");
                assertThatThrownBy(() -> input.readLine(100, StandardCharsets.UTF_16LE))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("charset=UTF-16LE");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLineThatIsTooLongStaysWithTheInput(boolean inPieces) throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                String text = "0123456789\nrest";
                Fiber<Void> saying =
                        Fiber.start(
                                "saying",
                                () -> {
                                    for (int i = 0; inPieces && i < 10; i++) {
                                        Talk.say(pair.client(), text.substring(i, i + 1));
                                        Fiber.yield();
                                    }
                                    Talk.say(pair.client(), text.substring(inPieces ? 10 : 0));
                                });
                assertThatThrownBy(() -> input.readLine(10))
                        .isInstanceOf(MessageTooLongException.class)
                        .hasMessageContaining("maxBytes=10")
                        .hasMessageContaining(Addresses.format(pair.server().remoteAddress()));
                saying.join();
                assertThat(input.readLine(11)).contains("0123456789");
                Talk.assertHears(pair.server(), "rest");
            }
        });
    }

    @Test
    void anEndWithinALineSaysSoAndLeavesWhatThereWas() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                Talk.say(pair.client(), "whole\nhal");
                assertThat(input.readLine(100)).contains("whole");
                Fiber<Throwable> reading = Fiber.start("reading", () -> failure(input));
                Eventually.parked(reading.thread());
                Talk.say(pair.client(), "f");
                pair.client().output().close();
                assertThat(reading.join()).isInstanceOf(EOFException.class);
                assertThat(Talk.text(input.read())).isEqualTo("half");
                Talk.assertHearsTheEnd(pair.server());
            }
        });
    }

    private static Throwable failure(ConnectionInput input) throws IOException {
        try {
            throw new AssertionError(input.readLine(100));
        } catch (EOFException e) {
            return e;
        }
    }

    @Test
    void aDelimiterOfSeveralBytesIsFoundWhereverThePiecesAreCut() throws Exception {
        String text = "a: b\r\n\r\r\n\r\n";
        onShard(() -> {
            for (int cut = 1; cut < text.length(); cut++) {
                try (Pair pair = openPair()) {
                    ConnectionInput input = pair.server().input();
                    Fiber<String> reading =
                            Fiber.start(
                                    "reading", () -> Talk.text(input.readUntil(BLANK_LINE, 100)));
                    Talk.say(pair.client(), text.substring(0, cut));
                    Eventually.parked(reading.thread());
                    Talk.say(pair.client(), text.substring(cut) + "next");
                    assertThat(reading.join()).isEqualTo(text);
                    Talk.assertHears(pair.server(), "next");
                }
            }
        });
    }

    @Test
    void boundsThatMakeNoSenseAreRefused() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                assertThatThrownBy(() -> input.readLine(0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("maxBytes=0");
                assertThatThrownBy(() -> input.readUntil(new byte[0], 10))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("delimiter.length=0");
                assertThatThrownBy(() -> input.readUntil(BLANK_LINE, 3))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("delimiter.length=4 maxBytes=3");
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void aReaderThatIsStoppedWithinALineLosesNothing(Means means) throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                Talk.say(pair.client(), "fir");
                input.readUpTo(1).close();
                var source = new AbortSource("source");
                Fiber<Boolean> reading =
                        Fiber.start(
                                "reading",
                                () -> {
                                    assertThatThrownBy(() ->
                                                    means.run(source, () -> input.readLine(100)))
                                            .isInstanceOf(means.thrown());
                                    return Thread.currentThread().isInterrupted();
                                });
                means.awaitParked(reading);
                means.stop(source, reading);
                assertThat(reading.join()).as("interrupt status").isFalse();
                Talk.say(pair.client(), "st\nsecond\n");
                assertThat(input.readLine(100)).contains("irst");
                assertThat(input.readLine(100)).contains("second");
            }
        });
    }

    /** However a peer trickles, a reader holds no more than its bound allows. */
    @Test
    void aTricklingPeerCostsLittleMemory() throws Exception {
        int max = 2000;
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                Fiber<Optional<String>> reading = Fiber.start("reading", () -> input.readLine(max));
                Eventually.parked(reading.thread());
                long liveBytes = Shard.current().buffers().liveBytes();
                long liveBytesMax = 0;
                for (int i = 0; i < max - 1; i++) {
                    Talk.say(pair.client(), "x");
                    Eventually.parked(reading.thread());
                    liveBytesMax = Math.max(liveBytesMax, Shard.current().buffers().liveBytes());
                }
                Talk.say(pair.client(), "\n");
                assertThat(reading.join().orElseThrow()).hasSize(max - 1);
                assertThat(liveBytesMax - liveBytes).isLessThan(65_536);
            }
        });
    }

    /** Lines in random pieces, read in random ways and with broken-off reads, against a list. */
    @Test
    void anyLinesInAnyPiecesAreReadAsTheyWereWritten() throws Exception {
        Random random = new Random(Seeds.next("LineContract"));
        List<String> lines = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            String line = line(random);
            lines.add(line);
            text.append(line).append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                Random cuts = new Random(random.nextLong());
                Fiber<Void> writing = Fiber.start("writing", () -> write(pair, bytes, cuts));
                List<String> read = new ArrayList<>();
                ConnectionInput input = pair.server().input();
                while (read.size() < lines.size()) {
                    readOne(input, lines.get(read.size()), random).ifPresent(read::add);
                }
                assertThat(read).isEqualTo(lines);
                assertThat(input.readLine(10)).isEmpty();
                writing.join();
            }
        });
    }

    private static String line(Random random) {
        int length = random.nextInt(random.nextInt(8) == 0 ? LINE_BYTES_MAX : 40);
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < length; i++) {
            line.append((char) (random.nextInt(20) == 0 ? '\r' : 'a' + random.nextInt(26)));
        }
        return line.append('|').toString(); // so that no line ends with a carriage return
    }

    private static void write(Pair pair, byte[] bytes, Random random) throws IOException {
        int from = 0;
        while (from < bytes.length) {
            int bound = random.nextInt(4) == 0 ? 3000 : 30;
            int count = Math.min(1 + random.nextInt(bound), bytes.length - from);
            pair.client().output().write(bytes, from, count);
            pair.client().output().flush();
            from += count;
            if (random.nextInt(3) == 0) {
                Fiber.yield();
            }
        }
        pair.client().output().close();
    }

    /** The next line, or nothing if the read was broken off, as it must be at times. */
    private static Optional<String> readOne(ConnectionInput input, String expected, Random random)
            throws IOException {
        int needed = expected.length() + 1;
        switch (random.nextInt(4)) {
            case 0 -> {
                input.deadline(Deadline.after(Duration.ZERO));
                try {
                    return input.readLine(LINE_BYTES_MAX + 2);
                } catch (SocketTimeoutException e) {
                    return Optional.empty();
                } finally {
                    input.deadline(Deadline.NONE);
                }
            }
            case 1 -> {
                if (needed > 1) {
                    int max = 1 + random.nextInt(needed - 1);
                    assertThatThrownBy(() -> input.readLine(max))
                            .isInstanceOf(MessageTooLongException.class);
                }
                return Optional.empty();
            }
            case 2 -> {
                byte[] end = {'|', '\n'};
                try (Buffer line = input.readUntil(end, Math.max(needed, 2))) {
                    String text = line.toString(StandardCharsets.US_ASCII);
                    return Optional.of(text.substring(0, text.length() - 1));
                }
            }
            default -> {
                return input.readLine(needed);
            }
        }
    }
}
