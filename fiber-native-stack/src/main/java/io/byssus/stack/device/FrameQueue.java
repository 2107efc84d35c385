package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;

/**
 * Frames that wait, first in first out, each with its {@link Offload}. It grows as it must and
 * never shrinks: its user bounds it.
 *
 * <p><b>Ownership:</b> confined to its carrier; it owns the frames.
 */
final class FrameQueue {
    private static final int CAPACITY_INITIAL = 16;

    /** A power of two long, both. */
    private Buffer[] frames = new Buffer[CAPACITY_INITIAL];

    private long[] offloads = new long[CAPACITY_INITIAL];

    /** The index of the oldest is {@code taken} modulo the capacity. */
    private int taken;

    private int count;
    private long takenOffload;

    int count() {
        return count;
    }

    void add(Buffer frame, long offload) {
        if (count == frames.length) {
            grow();
        }
        int index = (taken + count) & (frames.length - 1);
        frames[index] = frame;
        offloads[index] = offload;
        count++;
    }

    /** The oldest, owned by the caller; null if there is none. */
    Buffer take() {
        if (count == 0) {
            return null;
        }
        int index = taken & (frames.length - 1);
        Buffer frame = frames[index];
        frames[index] = null;
        takenOffload = offloads[index];
        taken++;
        count--;
        return frame;
    }

    /** Of the frame that {@link #take} answered last. */
    long takenOffload() {
        return takenOffload;
    }

    /** Releases all. */
    void clear() {
        for (Buffer frame = take(); frame != null; frame = take()) {
            frame.close();
        }
    }

    private void grow() {
        Buffer[] moreFrames = new Buffer[2 * frames.length];
        long[] moreOffloads = new long[2 * frames.length];
        for (int i = 0; i < count; i++) {
            int index = (taken + i) & (frames.length - 1);
            moreFrames[i] = frames[index];
            moreOffloads[i] = offloads[index];
        }
        frames = moreFrames;
        offloads = moreOffloads;
        taken = 0;
    }
}
