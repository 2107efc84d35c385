package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.runtime.time.Clock;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.LinkDevice;

/** A device that keeps a hash of all frames that pass, and of the times at which they did. */
final class HashingDevice extends DeviceDecorator {
    private static final long FACTOR = 0x9e37_79b9_7f4a_7c15L;

    private final Clock clock;
    private long hash;
    private boolean stopped;

    HashingDevice(LinkDevice device, Clock clock) {
        super(device);
        this.clock = clock;
    }

    long hash() {
        return hash;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public Buffer receive() {
        Buffer frame = device.receive();
        if (frame != null) {
            add(frame, 1);
        }
        return frame;
    }

    @Override
    public void send(Buffer frame, long offload) {
        add(frame, 2);
        device.send(frame, offload);
    }

    private void add(Buffer frame, int direction) {
        if (stopped) {
            return;
        }
        mix(direction);
        mix(clock.nanoTime());
        mix(frame.length());
        long address = frame.address();
        int whole = frame.length() & -Long.BYTES;
        for (int i = 0; i < whole; i += Long.BYTES) {
            mix(RawMemory.getLong(address + i));
        }
        for (int i = whole; i < frame.length(); i++) {
            mix(RawMemory.getByte(address + i));
        }
    }

    private void mix(long value) {
        hash = Long.rotateLeft(hash ^ value, 29) * FACTOR;
    }
}
