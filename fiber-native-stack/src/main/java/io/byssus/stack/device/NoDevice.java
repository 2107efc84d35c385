package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;

/** The device of a host that has none: nothing arrives, and what is sent is gone. */
public final class NoDevice implements LinkDevice {
    /** As Ethernet has it. */
    private static final int MTU = 1500;

    private static final long MAC_ADDRESS = 0x02_00_00_00_00_01L;

    public NoDevice() {}

    @Override
    public long macAddress() {
        return MAC_ADDRESS;
    }

    @Override
    public int mtu() {
        return MTU;
    }

    @Override
    public Buffer receive() {
        return null;
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public void send(Buffer frame, long offload) {
        frame.close();
    }

    @Override
    public void close() {}
}
