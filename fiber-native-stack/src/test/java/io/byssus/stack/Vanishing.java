package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.device.LinkDevice;
import java.io.IOException;

/** A device whose cable can be cut. */
final class Vanishing implements LinkDevice {
    private final LinkDevice device;
    private boolean cut;

    Vanishing(LinkDevice device) {
        this.device = device;
    }

    void cut() {
        cut = true;
    }

    @Override
    public long macAddress() {
        return device.macAddress();
    }

    @Override
    public int mtu() {
        return device.mtu();
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
    public boolean hasRoom() {
        return device.hasRoom();
    }

    @Override
    public void send(Buffer frame, long offload) {
        if (cut) {
            frame.close();
        } else {
            device.send(frame, offload);
        }
    }

    @Override
    public long deadlineNanos() {
        return device.deadlineNanos();
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
