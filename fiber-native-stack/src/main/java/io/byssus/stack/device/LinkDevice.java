package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import java.io.IOException;

/**
 * One shard's queue pair of a layer-2 device. A frame is an Ethernet frame without preamble and
 * check sequence; it travels in a {@link Buffer} whose owner changes with it.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public interface LinkDevice extends AutoCloseable {
    /** What {@link #deadlineNanos} is when time changes nothing. */
    long NO_DEADLINE = Long.MAX_VALUE;

    /** The address of this end. */
    long macAddress();

    /** The largest IP packet, in bytes: a frame is larger by its Ethernet header. */
    int mtu();

    /** The next frame that has arrived, owned by the caller; null if there is none now. */
    Buffer receive();

    /** Whether {@link #send} takes a frame now. */
    boolean hasRoom();

    /** Sends a frame; it belongs to the device from now on. Only while {@link #hasRoom}. */
    void send(Buffer frame);

    /** When to look again though nothing has arrived, on the shard's clock. */
    default long deadlineNanos() {
        return NO_DEADLINE;
    }

    /** Gives the device up, and the frames that are in it. Idempotent. */
    @Override
    void close() throws IOException;
}
