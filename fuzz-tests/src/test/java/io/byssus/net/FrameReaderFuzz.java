package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as frames, in pieces of any size: the reader finds those that a loop over all of them
 * finds, and leaves no buffer behind.
 */
class FrameReaderFuzz {
    private static final InetSocketAddress NOBODY = new InetSocketAddress("127.0.0.1", 1);

    private static Shards shards;

    @BeforeAll
    static void start() {
        shards = Shards.start(new RuntimeOptions().smp(1).overprovisioned(true));
    }

    @AfterAll
    static void stop() {
        shards.stop();
    }

    /** Gives the bytes of a game in pieces. */
    private static final class Pieces implements StackSocket {
        private final ByteBuffer bytes;
        private final int pieceBytes;

        Pieces(ByteBuffer bytes, int pieceBytes) {
            this.bytes = bytes;
            this.pieceBytes = pieceBytes;
        }

        @Override
        public Buffer receive(long timeoutNanos, long deadlineNanos) {
            int length = Math.min(pieceBytes, bytes.remaining());
            if (length == 0) {
                return Buffer.EMPTY;
            }
            byte[] piece = new byte[length];
            bytes.get(piece);
            Buffer buffer = Shard.current().allocate(length);
            buffer.put(0, piece, 0, length);
            return buffer;
        }

        @Override
        public void send(
                Buffer[] buffers,
                int count,
                long timeoutNanos,
                long deadlineNanos,
                WaitPoint.Cancellation cancellation) {
            throw new AssertionError("nothing is written");
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public void awaitAcknowledged(long deadlineNanos) {}

        @Override
        public void awaitPeerShutdown(long deadlineNanos) {}

        @Override
        public void close() {}

        @Override
        public void reset() {}

        @Override
        public InetSocketAddress remoteAddress() {
            return NOBODY;
        }

        @Override
        public InetSocketAddress localAddress() {
            return NOBODY;
        }

        @Override
        public TcpInfo tcpInfo() {
            throw new UnsupportedOperationException("of no TCP");
        }
    }

    /** The format, the most bytes, the size of the pieces; then what is sent. */
    static Stream<byte[]> games() {
        return Stream.of(
                        "\0\5\1\1a\2bc",
                        "\5\6\2\2\0ab\0\0",
                        "\2\2\3\0\0\3abc\0\0\1d",
                        "\3\7\100\0\0\0\7abcdefg\377\377\377\377x")
                .map(game -> game.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("games")
    @FuzzTest
    void framesAreThoseOfALoopOverAllBytes(byte[] game) throws Exception {
        if (game.length < 3) {
            return;
        }
        int lengthBytes = 1 + (game[0] & 3);
        ByteOrder order = (game[0] & 4) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        FrameFormat format = new FrameFormat(lengthBytes, order, game[1] & 0xff);
        ByteBuffer sent = ByteBuffer.wrap(game, 3, game.length - 3).slice();
        List<String> expected = frames(sent.duplicate(), format);
        List<String> read =
                shards.submitTo(0, () -> read(new Pieces(sent, 1 + (game[2] & 0x3f)), format));
        assertThat(read).isEqualTo(expected);
    }

    /** Those that are too long are skipped. */
    private static List<String> read(StackSocket socket, FrameFormat format) throws IOException {
        List<String> read = new ArrayList<>();
        long before = Shard.current().buffers().liveBytes();
        try (ConnectionInput input = new ConnectionInput(socket)) {
            FrameReader frames = new FrameReader(input, format);
            while (frames.hasNext()) {
                try (Buffer frame = frames.next()) {
                    read.add(frame.toString(StandardCharsets.ISO_8859_1));
                } catch (MessageTooLongException e) {
                    frames.skip();
                    read.add("skipped");
                }
            }
            read.add("end");
        } catch (EOFException e) {
            read.add("cut off");
        }
        assertThat(Shard.current().buffers().liveBytes()).isEqualTo(before);
        return read;
    }

    private static List<String> frames(ByteBuffer sent, FrameFormat format) {
        List<String> frames = new ArrayList<>();
        while (sent.hasRemaining()) {
            if (sent.remaining() < format.lengthBytes()) {
                frames.add("cut off");
                return frames;
            }
            long length = 0;
            for (int i = 0; i < format.lengthBytes(); i++) {
                long one = sent.get() & 0xff;
                length =
                        format.order() == ByteOrder.BIG_ENDIAN
                                ? (length << Byte.SIZE) | one
                                : length | (one << (i * Byte.SIZE));
            }
            if (length > sent.remaining()) {
                frames.add("cut off");
                return frames;
            }
            byte[] body = new byte[(int) length];
            sent.get(body);
            frames.add(
                    length > format.maxBytes()
                            ? "skipped"
                            : new String(body, StandardCharsets.ISO_8859_1));
        }
        frames.add("end");
        return frames;
    }
}
