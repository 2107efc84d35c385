package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import io.byssus.testing.Eventually;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** {@link ConnectionOutput}: batching, ownership, back-pressure, close. */
abstract class OutputContract extends NetworkContract {
    OutputContract(StackUnderTest stack) {
        super(stack);
    }

    @Test
    void smallWritesLeaveTogetherAtTheFlush() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.client().output().write("one ");
                pair.client()
                        .output()
                        .write(Talk.buffer("two ".getBytes(StandardCharsets.US_ASCII)));
                pair.client().output().write(new byte[] {'x', '3', '!', 'x'}, 1, 2);
                ConnectionInput input = pair.server().input();
                input.timeout(Duration.ofMillis(20));
                assertThatThrownBy(input::read).isInstanceOf(SocketTimeoutException.class);

                pair.client().output().flush();
                assertThat(Talk.text(input.read())).isEqualTo("one two 3!");
            }
        });
    }

    @Test
    void muchOutputLeavesWithoutAFlush() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.client().output().write(Talk.pattern(8192));
                try (Buffer all = pair.server().input().readExactly(8192)) {
                    Talk.assertSame(all.toByteArray(), Talk.pattern(8192));
                }
            }
        });
    }

    @Test
    void closeFlushesAndThePeerReadsToTheEnd() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.client().output().write("last words");
                pair.client().output().close();
                pair.client().output().close();
                Talk.assertHears(pair.server(), "last words");
                Talk.assertHearsTheEnd(pair.server());
            }
        });
    }

    @Test
    void aBufferBelongsToTheStreamEvenIfItCannotBeWritten() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionOutput output = pair.client().output();
                output.close();
                Buffer buffer = Talk.buffer(new byte[10]);
                assertThatThrownBy(() -> output.write(buffer))
                        .isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(buffer::length)
                        .as("it was closed")
                        .isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> output.write("text"))
                        .isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(output::flush).isInstanceOf(ClosedChannelException.class);
            }
        });
    }

    /** The empty buffer of an end of stream may be written like any other. */
    @Test
    void writingNothingIsNothing() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.client().output().write(Buffer.EMPTY);
                pair.client().output().write(Shard.current().allocate(0));
                pair.client().output().write("");
                pair.client().output().flush();
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    /** A share is a buffer like any other, and its bytes stay when the original is closed. */
    @Test
    void oneBufferGoesToManyConnections() throws Exception {
        onShard(() -> {
            try (Pair first = openPair();
                    Pair second = openPair()) {
                try (Buffer news = Talk.buffer(Talk.pattern(5000))) {
                    first.client().output().write(news.share());
                    second.client().output().write(news.share(1000, 2000));
                }
                first.client().output().close();
                second.client().output().close();
                byte[] pattern = Talk.pattern(5000);
                Talk.assertSame(Talk.hearAll(first.server()), pattern);
                Talk.assertSame(
                        Talk.hearAll(second.server()), Arrays.copyOfRange(pattern, 1000, 3000));
            }
        });
    }

    @Test
    void aWriterWaitsForASlowReaderAndHoldsLittleMemoryMeanwhile() throws Exception {
        int chunk = 65_536;
        int chunks = 256;
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                long sentBefore = Shard.current().reactor().counters().bytesSent;
                Fiber<Long> writing =
                        Fiber.start("writing", () -> write(pair.client(), chunk, chunks));
                Eventually.parked(writing.thread());

                long sent = Shard.current().reactor().counters().bytesSent - sentBefore;
                assertThat(sent).isLessThan(2L * chunk);
                assertThat(Shard.current().buffers().liveBytes())
                        .isLessThan(4L * chunk + bytesAtRest());

                CRC32 sum = new CRC32();
                long liveBytesMax = 0;
                ConnectionInput input = pair.server().input();
                for (Buffer b = input.read(); !b.isEmpty(); b = input.read()) {
                    sum.update(b.asByteBuffer());
                    b.close();
                    liveBytesMax = Math.max(liveBytesMax, Shard.current().buffers().liveBytes());
                }
                assertThat(sum.getValue()).isEqualTo(writing.join());
                assertThat(liveBytesMax).isLessThan(4L * chunk + bytesAtRest());
            }
        });
    }

    /** The checksum of what it wrote; ends the stream. */
    private static long write(Connection to, int chunk, int chunks) throws Exception {
        CRC32 sum = new CRC32();
        for (int i = 0; i < chunks; i++) {
            byte[] bytes = Talk.pattern(chunk);
            bytes[i] ^= 1;
            sum.update(bytes);
            to.output().write(Talk.buffer(bytes));
        }
        to.output().close();
        return sum.getValue();
    }
}
