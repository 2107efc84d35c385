package io.byssus.net;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A {@link ConnectionOutput} as an {@link OutputStream}: {@code flush} and {@code close} mean the
 * same.
 *
 * <p><b>Ownership:</b> as the output's.
 */
final class OutputStreamView extends OutputStream {
    private final ConnectionOutput output;
    private final byte[] one = new byte[1];

    OutputStreamView(ConnectionOutput output) {
        this.output = output;
    }

    @Override
    public void write(int value) throws IOException {
        one[0] = (byte) value;
        output.write(one, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        output.write(source, offset, length);
    }

    @Override
    public void flush() throws IOException {
        output.flush();
    }

    @Override
    public void close() throws IOException {
        output.close();
    }
}
