package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.EthernetHeader;

/**
 * A cable between two devices of one carrier: what one end sends the other receives, in order, at
 * once and unchanged. {@link FaultyDevice} makes a real network of it.
 *
 * <p>With offloads it is as between two machines on one host: a checksum that is left to the device
 * is never computed, and a large segment never cut.
 *
 * <p><b>Ownership:</b> both ends are confined to one carrier. A frame's buffer goes from one end to
 * the other as it is.
 */
public final class InMemoryLink {
    private final End left;
    private final End right;

    /**
     * A new cable, whose ends send complete frames.
     *
     * @param mtu the largest IP packet, in bytes
     * @param framesMax how many frames wait in each direction; the next finds no room
     */
    public InMemoryLink(long leftMac, long rightMac, int mtu, int framesMax) {
        this(leftMac, rightMac, mtu, framesMax, 0);
    }

    private InMemoryLink(
            long leftMac, long rightMac, int mtu, int framesMax, int segmentationBytesMax) {
        FrameQueue toLeft = new FrameQueue();
        FrameQueue toRight = new FrameQueue();
        left = new End(leftMac, mtu, framesMax, segmentationBytesMax, toLeft, toRight);
        right = new End(rightMac, mtu, framesMax, segmentationBytesMax, toRight, toLeft);
    }

    /** As the constructor, with ends that leave checksums and segmentation to each other. */
    public static InMemoryLink withOffloads(long leftMac, long rightMac, int mtu, int framesMax) {
        return new InMemoryLink(leftMac, rightMac, mtu, framesMax, Offload.PACKET_BYTES_MAX);
    }

    public LinkDevice left() {
        return left;
    }

    public LinkDevice right() {
        return right;
    }

    private static final class End implements LinkDevice {
        private final long macAddress;
        private final int mtu;
        private final int framesMax;
        private final int segmentationBytesMax;
        private final FrameQueue incoming;
        private final FrameQueue outgoing;
        private boolean closed;

        End(
                long macAddress,
                int mtu,
                int framesMax,
                int segmentationBytesMax,
                FrameQueue incoming,
                FrameQueue outgoing) {
            this.macAddress = macAddress;
            this.mtu = mtu;
            this.framesMax = framesMax;
            this.segmentationBytesMax = segmentationBytesMax;
            this.incoming = incoming;
            this.outgoing = outgoing;
        }

        @Override
        public long macAddress() {
            return macAddress;
        }

        @Override
        public int mtu() {
            return mtu;
        }

        @Override
        public boolean completesChecksums() {
            return segmentationBytesMax > 0;
        }

        @Override
        public int segmentationBytesMax() {
            return segmentationBytesMax;
        }

        @Override
        public Buffer receive() {
            return incoming.take();
        }

        @Override
        public long receivedOffload() {
            return incoming.takenOffload();
        }

        @Override
        public boolean hasRoom() {
            return !closed && outgoing.count() < framesMax;
        }

        @Override
        public void send(Buffer frame, long offload) {
            assert hasRoom() : "framesMax=" + framesMax;
            assert completesChecksums() || offload == Offload.NONE : "no offloads here";
            assert Offload.fits(offload, frame.length()) : frame;
            int packetMax = Offload.isTcpSegments(offload) ? segmentationBytesMax : mtu;
            assert frame.length() <= packetMax + EthernetHeader.BYTES : frame + " mtu=" + mtu;
            outgoing.add(frame, offload);
        }

        /** Drops what has arrived here; what was sent still arrives. */
        @Override
        public void close() {
            closed = true;
            incoming.clear();
        }
    }
}
