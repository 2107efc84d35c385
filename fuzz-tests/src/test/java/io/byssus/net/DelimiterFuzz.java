package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes, cut anywhere, with any delimiter: it is found where a search in all of them says. */
class DelimiterFuzz {
    private final BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.RECYCLING);

    private static final class Here implements Home {
        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }
    }

    /** The length of the delimiter, the place of the cut, the delimiter, the text. */
    static Stream<byte[]> games() {
        return Stream.of(
                        "\1\3\nabc\nd",
                        "\2\2\r\n\r\r\n",
                        "\4\3\r\n\r\n\r\n\r\r\n\r\n",
                        "\3\4aabaaaab")
                .map(game -> game.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("games")
    @FuzzTest
    void aDelimiterIsFoundAcrossACut(byte[] game) {
        if (game.length < 3) {
            return;
        }
        int length = Math.min(1 + (game[0] & 7), game.length - 2);
        byte[] delimiter = Arrays.copyOfRange(game, 2, 2 + length);
        byte[] text = Arrays.copyOfRange(game, 2 + length, game.length);
        int cut = Math.min(game[1] & 0xff, text.length);
        int expected = search(text, delimiter);
        try (Buffer front = buffer(Arrays.copyOf(text, cut));
                Buffer next = buffer(Arrays.copyOfRange(text, cut, text.length))) {
            int end = Delimiter.end(front, delimiter);
            if (end != Delimiter.NONE) {
                assertThat(end).isEqualTo(expected);
                return;
            }
            end = Delimiter.end(front, cut, next, delimiter);
            assertThat(end == Delimiter.NONE ? Delimiter.NONE : cut + end).isEqualTo(expected);
        }
    }

    private Buffer buffer(byte[] bytes) {
        Buffer buffer = pool.allocate(bytes.length);
        buffer.put(0, bytes, 0, bytes.length);
        return buffer;
    }

    /** Where the first delimiter ends, in the slowest and plainest way. */
    private static int search(byte[] text, byte[] delimiter) {
        for (int end = delimiter.length; end <= text.length; end++) {
            if (Arrays.equals(text, end - delimiter.length, end, delimiter, 0, delimiter.length)) {
                return end;
            }
        }
        return Delimiter.NONE;
    }
}
