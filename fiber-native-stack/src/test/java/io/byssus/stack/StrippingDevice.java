package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.device.DeviceDecorator;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.InternetChecksum;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import java.lang.foreign.MemorySegment;

/** A middlebox that puts padding in the place of one kind of option in the SYNs it passes. */
final class StrippingDevice extends DeviceDecorator {
    static final int SACK_PERMITTED = 4;
    static final int TIMESTAMPS = 8;

    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int NO_OPERATION = 1;
    private static final int END = 0;

    private final int kind;

    StrippingDevice(LinkDevice device, int kind) {
        super(device);
        this.kind = kind;
    }

    @Override
    public Buffer receive() {
        Buffer frame = device.receive();
        if (frame != null) {
            strip(frame);
        }
        return frame;
    }

    @Override
    public void send(Buffer frame, long offload) {
        strip(frame);
        device.send(frame, offload);
    }

    private void strip(Buffer frame) {
        long packet = frame.address() + EthernetHeader.BYTES;
        int whole = frame.length() - EthernetHeader.BYTES;
        if (EthernetHeader.type(MEMORY, frame.address()) != EthernetHeader.TYPE_IPV4
                || Ipv4Header.protocol(MEMORY, packet) != Ipv4Header.PROTOCOL_TCP
                || Ipv4Header.totalLength(MEMORY, packet) != whole) {
            return;
        }
        long segment = packet + Ipv4Header.BYTES_MIN;
        int length = Ipv4Header.totalLength(MEMORY, packet) - Ipv4Header.BYTES_MIN;
        long pseudoHeader =
                InternetChecksum.pseudoHeader(
                        Ipv4Header.source(MEMORY, packet),
                        Ipv4Header.destination(MEMORY, packet),
                        Ipv4Header.PROTOCOL_TCP,
                        length);
        boolean right =
                InternetChecksum.isRight(
                        pseudoHeader + InternetChecksum.sum(MEMORY, segment, length));
        // What is corrupted must stay so.
        if (!right || (TcpHeader.flags(MEMORY, segment) & TcpHeader.SYN) == 0) {
            return;
        }
        long end = segment + TcpHeader.headerLength(MEMORY, segment);
        long option = segment + TcpHeader.BYTES_MIN;
        while (option < end && RawMemory.getByte(option) != END) {
            int bytes =
                    RawMemory.getByte(option) == NO_OPERATION ? 1 : RawMemory.getByte(option + 1);
            if (RawMemory.getByte(option) == kind) {
                RawMemory.fill(option, bytes, (byte) NO_OPERATION);
            }
            option += bytes;
        }
        TcpHeader.complete(MEMORY, segment, length, pseudoHeader);
    }
}
