package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import java.io.IOException;

/**
 * One shard's queue pair of a layer-2 device. A frame is an Ethernet frame without preamble and
 * check sequence; it travels in a {@link Buffer} whose owner changes with it, and what is left to
 * do in it travels beside it as an {@link Offload}.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public interface LinkDevice extends AutoCloseable {
    /** What {@link #deadlineNanos} is when time changes nothing. */
    long NO_DEADLINE = Long.MAX_VALUE;

    /** What {@link #descriptor} is when there is nothing to wait for. */
    int NO_DESCRIPTOR = -1;

    /** The address of this end. */
    long macAddress();

    /** The largest IP packet, in bytes: a frame is larger by its Ethernet header. */
    int mtu();

    /**
     * Whether the device completes the checksums of what it is given; it then also hands over
     * frames with {@link Offload#needsChecksum}.
     */
    default boolean completesChecksums() {
        return false;
    }

    /**
     * The largest IP packet with one TCP segment that the device cuts into segments of the MTU, in
     * bytes; it then also hands over such packets. 0 if it does not; otherwise it {@link
     * #completesChecksums} as well.
     */
    default int segmentationBytesMax() {
        return 0;
    }

    /** The next frame that has arrived, owned by the caller; null if there is none now. */
    Buffer receive();

    /**
     * What is left to do in the frame that {@link #receive} answered last, as an {@link Offload}
     * whose numbers lie within the frame.
     */
    default long receivedOffload() {
        return Offload.NONE;
    }

    /** Whether {@link #send} takes a frame now. */
    boolean hasRoom();

    /**
     * Sends a complete frame; it belongs to the device from now on. Only while {@link #hasRoom}.
     */
    default void send(Buffer frame) {
        send(frame, Offload.NONE);
    }

    /**
     * Sends a frame in which the device has something left to do.
     *
     * @param offload an {@link Offload} that the device has and whose numbers lie within the frame
     */
    void send(Buffer frame, long offload);

    /** What to poll: readable when frames may have arrived. Or {@link #NO_DESCRIPTOR}. */
    default int descriptor() {
        return NO_DESCRIPTOR;
    }

    /** To be called when {@link #descriptor} has become writable: there may be room again. */
    default void onWritable() {}

    /**
     * When to look again though nothing has arrived, on the shard's clock; what has passed means
     * now.
     */
    default long deadlineNanos() {
        return NO_DEADLINE;
    }

    /** Gives the device up, and the frames that are in it. Idempotent. */
    @Override
    void close() throws IOException;
}
