package io.byssus.net;

import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * A {@link ConnectionInput} as an {@link InputStream}. Closing it drops what was not read.
 *
 * <p><b>Ownership:</b> as the input's.
 */
final class InputStreamView extends InputStream {
    private static final int BYTE_MASK = 0xff;

    private final ConnectionInput input;

    InputStreamView(ConnectionInput input) {
        this.input = input;
    }

    @Override
    public int read() throws IOException {
        try (Buffer buffer = input.readUpTo(1)) {
            return buffer.isEmpty() ? -1 : buffer.get(0) & BYTE_MASK;
        }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        try (Buffer buffer = input.readUpTo(length)) {
            if (buffer.isEmpty()) {
                return -1;
            }
            buffer.get(0, target, offset, buffer.length());
            return buffer.length();
        }
    }

    @Override
    public long skip(long count) throws IOException {
        return count <= 0 ? 0 : input.skip(count);
    }

    @Override
    public void close() {
        input.close();
    }
}
