package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import java.util.ArrayDeque;

/**
 * Packets of this host to itself, on their way from output to input. They are frames whose Ethernet
 * header nobody has written.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Loopback {
    /** What the transports leave room for. */
    private static final int FRAMES_MAX = 1024;

    private final ArrayDeque<Buffer> frames = new ArrayDeque<>();

    Loopback() {}

    boolean hasRoom() {
        return frames.size() < FRAMES_MAX;
    }

    boolean isEmpty() {
        return frames.isEmpty();
    }

    void add(Buffer frame) {
        frames.add(frame);
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
