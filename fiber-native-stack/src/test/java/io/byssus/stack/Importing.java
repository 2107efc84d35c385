package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.LinkDevice;

/** Copies every frame: on the wire it is the wire's, behind the device the shard's. */
final class Importing extends DeviceDecorator {
    private final BufferPool inside;
    private final BufferPool wire;

    Importing(LinkDevice device, BufferPool inside, BufferPool wire) {
        super(device);
        this.inside = inside;
        this.wire = wire;
    }

    @Override
    public Buffer receive() {
        Buffer frame = device.receive();
        return frame == null ? null : copy(frame, inside);
    }

    @Override
    public void send(Buffer frame, long offload) {
        device.send(copy(frame, wire), offload);
    }

    private static Buffer copy(Buffer frame, BufferPool pool) {
        try (frame) {
            Buffer copy = pool.allocate(frame.length());
            copy.put(0, frame);
            return copy;
        }
    }
}
