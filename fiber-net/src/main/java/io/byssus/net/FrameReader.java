package io.byssus.net;

import io.byssus.runtime.memory.Buffer;
import java.io.EOFException;
import java.io.IOException;
import java.util.Objects;

/**
 * Reads the frames of an input, one after the other:
 *
 * {@snippet :
 * FrameReader frames = new FrameReader(connection.input(), FrameFormat.bigEndian(4, 65_536));
 * while (frames.hasNext()) {
 *     try (Buffer frame = frames.next()) {
 *         // a whole frame, without its length
 *     }
 * }
 * }
 *
 * <p>Both methods park the calling fiber and fail as the input's do, with its timeout and deadline;
 * after a time-out or a cancellation the next call goes on where this one stopped.
 *
 * <p>Between two frames, and before the first, the input may also be read directly; between a
 * {@link #hasNext} and its {@link #next} or {@link #skip} it may not, since the length has been
 * taken.
 *
 * <p><b>Ownership:</b> as the input's, whose owner closes it.
 */
public final class FrameReader {
    private static final long NONE = -1;
    private static final int BYTE_MASK = 0xff;

    private final ConnectionInput input;
    private final FrameFormat format;

    /** Of the frame whose length has been read, and whose body has not; else {@link #NONE}. */
    private long length = NONE;

    public FrameReader(ConnectionInput input, FrameFormat format) {
        this.input = Objects.requireNonNull(input);
        this.format = Objects.requireNonNull(format);
    }

    /**
     * Whether there is another frame; waits for its length or the stream's end.
     *
     * @throws EOFException if the stream ends within a length
     */
    public boolean hasNext() throws IOException {
        if (length == NONE) {
            try (Buffer bytes = input.readExactly(format.lengthBytes())) {
                if (!bytes.isEmpty()) {
                    int prefix = 0;
                    for (int i = 0; i < bytes.length(); i++) {
                        prefix |= (bytes.get(i) & BYTE_MASK) << (i * Byte.SIZE);
                    }
                    length = format.length(prefix);
                }
            }
        }
        return length != NONE;
    }

    /**
     * The next frame's body; the caller owns it. Not copied if it came in one piece.
     *
     * @throws MessageTooLongException if it is longer than the format allows, known by its length
     *     alone; the frame stays, and {@link #skip} drops it
     * @throws EOFException if the stream ends before it, or within it
     */
    public Buffer next() throws IOException {
        requireFrame();
        if (length > format.maxBytes()) {
            throw new MessageTooLongException(
                    "a frame of "
                            + length
                            + " bytes: maxBytes="
                            + format.maxBytes()
                            + ": "
                            + input);
        }
        if (length == 0) {
            length = NONE;
            return Buffer.EMPTY;
        }
        Buffer body = input.readExactly((int) length);
        if (body.isEmpty()) {
            throw ended();
        }
        length = NONE;
        return body;
    }

    /**
     * Drops the next frame, however long it is.
     *
     * @throws EOFException if the stream ends before it, or within it
     */
    public void skip() throws IOException {
        requireFrame();
        while (length > 0) {
            try (Buffer some = input.readUpTo((int) Math.min(length, Integer.MAX_VALUE))) {
                if (some.isEmpty()) {
                    throw ended();
                }
                length -= some.length();
            }
        }
        length = NONE;
    }

    private void requireFrame() throws IOException {
        if (!hasNext()) {
            throw new EOFException("no more frames: " + input);
        }
    }

    private EOFException ended() {
        return new EOFException("the stream ended before " + length + " bytes: " + input);
    }
}
