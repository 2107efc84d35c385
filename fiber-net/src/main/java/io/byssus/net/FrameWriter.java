package io.byssus.net;

import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.util.Objects;

/**
 * Writes frames to an output. They are batched as any output is, until its {@link
 * ConnectionOutput#flush}.
 *
 * <p>A frame is written whole or not at all: where a write fails after the frame was taken, at a
 * time-out or a cancellation, the output keeps the rest and the next flush goes on.
 *
 * <p><b>Ownership:</b> as the output's, whose owner closes it.
 */
public final class FrameWriter {
    private final ConnectionOutput output;
    private final FrameFormat format;

    public FrameWriter(ConnectionOutput output, FrameFormat format) {
        this.output = Objects.requireNonNull(output);
        this.format = Objects.requireNonNull(format);
    }

    /**
     * Writes a frame of {@code body}, which belongs to the output from now on, even if this throws.
     *
     * @throws MessageTooLongException if it is longer than the format allows; nothing was written
     */
    public void write(Buffer body) throws IOException {
        int prefix;
        try {
            prefix = format.prefix(body.length());
        } catch (MessageTooLongException e) {
            body.close();
            throw e;
        }
        output.writeFrame(prefix, format.lengthBytes(), body);
    }

    /** As {@link #write(Buffer)}, of bytes that are copied; may park while memory is short. */
    public void write(byte[] body) throws IOException {
        write(body, 0, body.length);
    }

    /** As {@link #write(byte[])}, of {@code length} of them. */
    public void write(byte[] body, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, body.length);
        int prefix = format.prefix(length);
        Buffer copy = output.allocate(length);
        copy.put(0, body, offset, length);
        output.writeFrame(prefix, format.lengthBytes(), copy);
    }
}
