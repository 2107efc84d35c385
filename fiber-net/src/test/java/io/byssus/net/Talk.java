package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What tests say over a connection, and what they hear. */
final class Talk {
    private Talk() {}

    /** Writes and flushes. */
    static void say(Connection to, String text) throws IOException {
        to.output().write(text);
        to.output().flush();
    }

    /** The next bytes, as many as {@code text} has, which they must be. */
    static void assertHears(Connection from, String text) throws IOException {
        assertThat(text(from.input().readExactly(text.length()))).isEqualTo(text);
    }

    static void assertHearsTheEnd(Connection from) throws IOException {
        assertThat(text(from.input().read())).isEmpty();
    }

    /** Both directions work. */
    static void assertConversation(Connection one, Connection other) throws IOException {
        say(one, "question");
        assertHears(other, "question");
        say(other, "answer");
        assertHears(one, "answer");
    }

    /** All bytes to the end of the stream. */
    static byte[] hearAll(Connection from) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Buffer buffer = from.input().read(); !buffer.isEmpty(); buffer = from.input().read()) {
            all.writeBytes(buffer.toByteArray());
            buffer.close();
        }
        return all.toByteArray();
    }

    /** As {@code isEqualTo}, without printing thousands of bytes. */
    static void assertSame(byte[] actual, byte[] expected) {
        assertThat(actual.length).as("length").isEqualTo(expected.length);
        assertThat(Arrays.mismatch(actual, expected)).as("first difference").isEqualTo(-1);
    }

    /** The buffer's text; the buffer is closed. */
    static String text(Buffer buffer) {
        try (buffer) {
            return buffer.toString(StandardCharsets.US_ASCII);
        }
    }

    static Buffer buffer(byte[] bytes) {
        Buffer buffer = Shard.current().allocate(bytes.length);
        buffer.put(0, bytes, 0, bytes.length);
        return buffer;
    }

    /** Bytes that show it when some are missing, doubled or moved. */
    static byte[] pattern(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i ^ i >>> 8 ^ i >>> 16);
        }
        return bytes;
    }
}
