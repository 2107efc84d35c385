package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import java.util.ArrayDeque;

/**
 * Our own packets that came back because a neighbour does not answer, on their way to the
 * transports that have sent them. They wait for the turn's end, since many come back in the middle
 * of what has sent them.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Undelivered implements IpOutput.UnreachableSink {
    /** For more the transports' own timers must do. */
    private static final int FRAMES_MAX = 256;

    private final ArrayDeque<Buffer> frames = new ArrayDeque<>();

    Undelivered() {}

    boolean isEmpty() {
        return frames.isEmpty();
    }

    @Override
    public void unreachable(int address, Buffer frame) {
        if (frames.size() == FRAMES_MAX) {
            frame.close();
        } else {
            frames.add(frame);
        }
    }

    /** The oldest, owned by the caller; null if there is none. */
    Buffer poll() {
        return frames.poll();
    }

    void close() {
        frames.forEach(Buffer::close);
        frames.clear();
    }
}
