package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.time.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A device whose frames are written to a pcap file, as they come and go; where a device has yet to
 * complete the checksum, the file has it already.
 *
 * <p><b>Ownership:</b> confined to its shard; it owns the device and the file.
 */
public final class PcapDevice extends DeviceDecorator {
    private final PcapWriter pcap;
    private final Clock clock;
    private final long originEpochNanos;

    /**
     * Traces {@code device}.
     *
     * @param originEpochNanos what the clock's zero is, in nanoseconds since 1970; 0 in a
     *     simulation
     */
    public PcapDevice(LinkDevice device, PcapWriter pcap, Clock clock, long originEpochNanos) {
        super(device);
        this.pcap = pcap;
        this.clock = clock;
        this.originEpochNanos = originEpochNanos;
    }

    @Override
    public Buffer receive() {
        Buffer frame = device.receive();
        if (frame != null) {
            trace(frame, device.receivedOffload());
        }
        return frame;
    }

    @Override
    public void send(Buffer frame, long offload) {
        trace(frame, offload);
        device.send(frame, offload);
    }

    @Override
    public void close() throws IOException {
        try {
            pcap.close();
        } finally {
            device.close();
        }
    }

    private void trace(Buffer frame, long offload) {
        try {
            pcap.write(originEpochNanos + clock.nanoTime(), frame, offload);
        } catch (IOException e) {
            frame.close();
            throw new UncheckedIOException("the trace cannot be written", e);
        }
    }
}
