package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import java.io.IOException;

/** A device around another: what it does not do in its own way, the other does. */
public abstract class DeviceDecorator implements LinkDevice {
    protected final LinkDevice device;

    /** Around {@code device}, which it owns. */
    protected DeviceDecorator(LinkDevice device) {
        this.device = device;
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
    public boolean completesChecksums() {
        return device.completesChecksums();
    }

    @Override
    public int segmentationBytesMax() {
        return device.segmentationBytesMax();
    }

    @Override
    public Buffer receive() {
        return device.receive();
    }

    @Override
    public long receivedOffload() {
        return device.receivedOffload();
    }

    @Override
    public boolean hasRoom() {
        return device.hasRoom();
    }

    @Override
    public void send(Buffer frame, long offload) {
        device.send(frame, offload);
    }

    @Override
    public int descriptor() {
        return device.descriptor();
    }

    @Override
    public void onWritable() {
        device.onWritable();
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
