package io.byssus.net;

import io.byssus.net.spi.StackRelay;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;

/**
 * One {@link ConnectionInput#transferTo}. It hands over buffers as long as little comes at a time.
 * Where much does, and both stacks know a way past the program's memory ({@link StackRelay}), it
 * goes that way, until it is little again.
 *
 * <p><b>Ownership:</b> of the fiber that transfers.
 */
final class Transfer {
    /** That much at once is much: then the pages of the network need not be copied to be few. */
    private static final int MUCH_BYTES = 1 << 16;

    /** How often in a row it must be much, or little, to change the way. */
    private static final int TIMES = 4;

    private final ConnectionInput input;
    private final ConnectionOutput output;
    private long left;

    Transfer(ConnectionInput input, ConnectionOutput output, long count) {
        this.input = input;
        this.output = output;
        this.left = count;
    }

    /** Transfers, until it is all or the stream ends; how many bytes are left then. */
    long run() throws IOException {
        int much = 0;
        while (left > 0) {
            Buffer buffer = input.readUpTo((int) Math.min(left, Integer.MAX_VALUE));
            int length = buffer.length();
            if (length == 0) {
                break;
            }
            left -= length;
            output.write(buffer);
            output.flush();
            much = length >= MUCH_BYTES ? much + 1 : 0;
            if (much == TIMES) {
                much = 0;
                relay();
            }
        }
        return left;
    }

    /** Relays as long as it is much; at the end of the stream too, which the next read tells. */
    private void relay() throws IOException {
        StackRelay way = input.relayTo(output);
        if (way == null) {
            return;
        }
        try (way) {
            int little = 0;
            while (left > 0 && little < TIMES && input.isEmpty() && output.isEmpty()) {
                long taken = input.takeInto(way, left);
                if (taken == StackRelay.END || taken == StackRelay.UNAVAILABLE) {
                    break;
                }
                left -= taken;
                output.pass(way);
                little = taken >= MUCH_BYTES ? 0 : little + 1;
            }
        }
    }
}
