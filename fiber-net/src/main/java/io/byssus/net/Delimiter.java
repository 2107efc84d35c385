package io.byssus.net;

import io.byssus.runtime.memory.Buffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Where a run of bytes ends that were received in pieces: pure functions, with the bytes that have
 * been gathered already and those that came next.
 */
final class Delimiter {
    /** Ends a line; a carriage return before it belongs to the end too. */
    static final byte[] NEWLINE = {'\n'};

    /** Of {@link #end}: it is not there. */
    static final int NONE = -1;

    private Delimiter() {}

    /**
     * How many bytes of {@code next} there are up to the end of the first delimiter, which may have
     * begun in {@code gathered}; {@link #NONE} if there is none yet.
     *
     * @param filled how many bytes of {@code gathered} count; no delimiter is complete among them
     */
    static int end(Buffer gathered, int filled, Buffer next, byte[] delimiter) {
        int length = delimiter.length;
        for (int from = Math.max(0, filled - length + 1); from < filled; from++) {
            int before = filled - from;
            if (next.length() >= length - before
                    && matches(gathered, from, delimiter, 0, before)
                    && matches(next, 0, delimiter, before, length - before)) {
                return length - before;
            }
        }
        return end(next, delimiter);
    }

    /** As the other, with nothing gathered. */
    static int end(Buffer bytes, byte[] delimiter) {
        int last = bytes.length() - delimiter.length;
        int at = last < 0 ? NONE : bytes.indexOf(delimiter[0], 0);
        while (at != NONE && at <= last) {
            if (matches(bytes, at, delimiter, 0, delimiter.length)) {
                return at + delimiter.length;
            }
            at = bytes.indexOf(delimiter[0], at + 1);
        }
        return NONE;
    }

    /** The text of a line without its end. */
    static String line(Buffer bytes, Charset charset) {
        int length = bytes.length() - 1;
        if (length > 0 && bytes.get(length - 1) == '\r') {
            length--;
        }
        bytes.trim(length);
        return bytes.toString(charset);
    }

    /**
     * Refuses character sets in which the byte 10 may be something else than a line's end, or a
     * part of something.
     */
    static void requireNewline(Charset charset) {
        boolean known =
                charset == StandardCharsets.UTF_8
                        || charset == StandardCharsets.ISO_8859_1
                        || charset == StandardCharsets.US_ASCII;
        byte[] newline = known ? NEWLINE : "\n".getBytes(charset);
        if (newline.length != 1 || newline[0] != '\n') {
            throw new IllegalArgumentException(
                    "charset=" + charset + ": its lines do not end with the byte 10");
        }
    }

    private static boolean matches(
            Buffer bytes, int index, byte[] delimiter, int offset, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes.get(index + i) != delimiter[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
