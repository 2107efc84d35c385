package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.LinkDevice;

/** A device whose cable can be cut. */
final class Vanishing extends DeviceDecorator {
    private boolean cut;

    Vanishing(LinkDevice device) {
        super(device);
    }

    void cut() {
        cut = true;
    }

    @Override
    public Buffer receive() {
        Buffer frame = device.receive();
        while (cut && frame != null) {
            frame.close();
            frame = device.receive();
        }
        return frame;
    }

    @Override
    public void send(Buffer frame, long offload) {
        if (cut) {
            frame.close();
        } else {
            device.send(frame, offload);
        }
    }
}
