package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link FrameReader} and {@link FrameWriter}. */
abstract class FrameContract extends NetworkContract {
    private static final int FRAMES = 200;

    FrameContract(StackUnderTest stack) {
        super(stack);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 05", "2, 0005", "3, 000005", "4, 00000005",
        "-1, 05", "-2, 0500", "-3, 050000", "-4, 05000000"
    })
    void aFrameIsItsLengthAndItsBody(int lengthBytes, String prefix) throws Exception {
        FrameFormat format =
                lengthBytes > 0
                        ? FrameFormat.bigEndian(lengthBytes, 100)
                        : FrameFormat.littleEndian(-lengthBytes, 100);
        byte[] expected = HexFormat.of().parseHex(prefix + "68656c6c6f");
        onShard(() -> {
            try (Pair pair = openPair()) {
                FrameWriter frames = new FrameWriter(pair.client().output(), format);
                frames.write("hello".getBytes());
                frames.write(new byte[] {'-', 'h', 'e', 'l', 'l', 'o', '-'}, 1, 5);
                pair.client().output().flush();
                for (int i = 0; i < 2; i++) {
                    try (Buffer all = pair.server().input().readExactly(expected.length)) {
                        assertThat(all.toByteArray()).isEqualTo(expected);
                    }
                }
                frames.write(Talk.buffer("hello".getBytes()));
                pair.client().output().flush();
                FrameReader read = new FrameReader(pair.server().input(), format);
                assertThat(Talk.text(read.next())).isEqualTo("hello");
            }
        });
    }

    @Test
    void anEmptyFrameIsNotTheEnd() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                FrameFormat format = FrameFormat.bigEndian(2, 10);
                new FrameWriter(pair.client().output(), format).write(Buffer.EMPTY);
                new FrameWriter(pair.client().output(), format).write(new byte[0]);
                pair.client().output().close();
                FrameReader frames = new FrameReader(pair.server().input(), format);
                for (int i = 0; i < 2; i++) {
                    assertThat(frames.hasNext()).isTrue();
                    assertThat(frames.hasNext()).isTrue();
                    assertThat(Talk.text(frames.next())).isEmpty();
                }
                assertThat(frames.hasNext()).isFalse();
                assertThatThrownBy(frames::next).isInstanceOf(EOFException.class);
                assertThatThrownBy(frames::skip).isInstanceOf(EOFException.class);
            }
        });
    }

    /** The length alone tells it: nothing is allocated for what a peer only announces. */
    @Test
    void aFrameThatIsTooLongIsRefusedAndMayBeSkipped() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                FrameFormat wide = FrameFormat.bigEndian(4, 300_000);
                FrameWriter writer = new FrameWriter(pair.client().output(), wide);
                FrameReader frames =
                        new FrameReader(pair.server().input(), FrameFormat.bigEndian(4, 99_999));
                pair.client().output().write(new byte[] {0, 1, (byte) 0x86, (byte) 0xa0});
                pair.client().output().flush();
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(frames::next)
                            .isInstanceOf(MessageTooLongException.class)
                            .hasMessageContaining("100000 bytes: maxBytes=99999");
                }
                Fiber<Void> writing =
                        Fiber.start(
                                "writing",
                                () -> {
                                    pair.client().output().write(new byte[100_000]);
                                    writer.write("next".getBytes());
                                    pair.client().output().write(new byte[] {-1, -1, -1, -1});
                                    pair.client().output().close();
                                });
                frames.skip();
                assertThat(Talk.text(frames.next())).isEqualTo("next");
                assertThatThrownBy(frames::next)
                        .isInstanceOf(MessageTooLongException.class)
                        .hasMessageContaining("4294967295 bytes");
                assertThatThrownBy(frames::skip).isInstanceOf(EOFException.class);
                writing.join();
            }
        });
    }

    @Test
    void writingAFrameThatIsTooLongWritesNothing() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                FrameFormat format = FrameFormat.bigEndian(1, 4);
                FrameWriter frames = new FrameWriter(pair.client().output(), format);
                Buffer body = Talk.buffer(new byte[5]);
                assertThatThrownBy(() -> frames.write(body))
                        .isInstanceOf(MessageTooLongException.class)
                        .hasMessageContaining("5 bytes: maxBytes=4");
                assertThatThrownBy(body::length).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> frames.write(new byte[5]))
                        .isInstanceOf(MessageTooLongException.class);
                frames.write(new byte[] {'a', 'b', 'c', 'd'});
                pair.client().output().close();
                assertThat(Talk.hearAll(pair.server())).containsExactly(4, 'a', 'b', 'c', 'd');
                Buffer late = Talk.buffer(new byte[1]);
                assertThatThrownBy(() -> frames.write(late))
                        .isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(late::length).isInstanceOf(IllegalStateException.class);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"000a6162", "00", "000a"})
    void aStreamThatEndsWithinAFrameSaysSo(String sent) throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.client().output().write(HexFormat.of().parseHex(sent));
                pair.client().output().close();
                FrameReader frames =
                        new FrameReader(pair.server().input(), FrameFormat.bigEndian(2, 10));
                assertThatThrownBy(frames::next).isInstanceOf(EOFException.class);
            }
        });
    }

    @Test
    void formatsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> FrameFormat.bigEndian(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lengthBytes=0");
        assertThatThrownBy(() -> FrameFormat.bigEndian(5, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lengthBytes=5");
        assertThatThrownBy(() -> FrameFormat.littleEndian(1, 256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxBytes=256");
        assertThatThrownBy(() -> FrameFormat.littleEndian(4, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxBytes=-1");
        assertThat(FrameFormat.littleEndian(4, Integer.MAX_VALUE).order())
                .isEqualTo(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Frames of any size through a narrow connection whose writer is broken off again and again: a
     * frame is taken whole, or not at all, and the reader sees the same frames.
     */
    @Test
    void anyFramesArriveAsTheyWereWrittenHoweverOftenTheWriterIsBrokenOff() throws Exception {
        Random random = new Random(Seeds.next("FrameContract"));
        FrameFormat format =
                random.nextBoolean()
                        ? FrameFormat.bigEndian(3, 40_000)
                        : FrameFormat.littleEndian(2 + random.nextInt(3), 40_000);
        byte[][] frames = new byte[FRAMES][];
        for (int i = 0; i < FRAMES; i++) {
            frames[i] = new byte[random.nextInt(random.nextInt(6) == 0 ? 40_000 : 300)];
            random.nextBytes(frames[i]);
        }
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                Random own = new Random(random.nextLong());
                Fiber<Void> writing =
                        Fiber.start("writing", () -> write(pair.client(), format, frames, own));
                FrameReader reader = new FrameReader(pair.server().input(), format);
                int next = 0;
                while (next < FRAMES) {
                    try (Buffer frame = readOne(pair.server().input(), reader, random)) {
                        Talk.assertSame(frame.toByteArray(), frames[next++]);
                    } catch (SocketTimeoutException e) {
                        Fiber.yield();
                    }
                }
                assertThat(reader.hasNext()).isFalse();
                writing.join();
            }
        });
    }

    private static Buffer readOne(ConnectionInput input, FrameReader reader, Random random)
            throws IOException {
        if (random.nextInt(3) == 0) {
            input.deadline(Deadline.after(Duration.ZERO));
        }
        try {
            return reader.next();
        } finally {
            input.deadline(Deadline.NONE);
        }
    }

    private static void write(Connection to, FrameFormat format, byte[][] frames, Random random)
            throws IOException {
        FrameWriter writer = new FrameWriter(to.output(), format);
        for (byte[] frame : frames) {
            if (random.nextInt(3) == 0) {
                to.output().deadline(Deadline.after(Duration.ZERO));
            }
            try {
                if (random.nextBoolean()) {
                    writer.write(frame);
                } else {
                    writer.write(Talk.buffer(frame));
                }
                if (random.nextInt(4) == 0) {
                    to.output().flush();
                }
            } catch (SocketTimeoutException e) {
                Fiber.yield(); // it was taken
            }
            to.output().deadline(Deadline.NONE);
        }
        to.output().close();
    }

    /** Lengths of all formats against arithmetic. */
    @Test
    void everyLengthThatFitsIsReadAsItWasWritten() throws Exception {
        Random random = new Random(Seeds.next("FrameFormat"));
        for (int i = 0; i < 1000; i++) {
            int lengthBytes = 1 + random.nextInt(4);
            int max = (int) Math.min(Integer.MAX_VALUE, (1L << (lengthBytes * Byte.SIZE)) - 1);
            int length = random.nextInt(max);
            FrameFormat big = FrameFormat.bigEndian(lengthBytes, max);
            FrameFormat little = FrameFormat.littleEndian(lengthBytes, max);
            assertThat(big.length(big.prefix(length))).isEqualTo(length);
            assertThat(little.length(little.prefix(length))).isEqualTo(length);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int at = 0; at < lengthBytes; at++) {
                bytes.write(big.prefix(length) >>> (at * Byte.SIZE));
            }
            byte[] reversed = bytes.toByteArray();
            for (int at = 0; at < lengthBytes; at++) {
                assertThat(reversed[lengthBytes - 1 - at])
                        .isEqualTo((byte) (little.prefix(length) >>> (at * Byte.SIZE)));
            }
        }
    }
}
