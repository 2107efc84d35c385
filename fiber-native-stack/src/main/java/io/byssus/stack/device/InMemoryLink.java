package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.EthernetHeader;
import java.util.ArrayDeque;

/**
 * A cable between two devices of one carrier: what one end sends the other receives, in order, at
 * once and unchanged. {@link FaultyDevice} makes a real network of it.
 *
 * <p><b>Ownership:</b> both ends are confined to one carrier. A frame's buffer goes from one end to
 * the other as it is.
 */
public final class InMemoryLink {
    private final End left;
    private final End right;

    /**
     * A new cable.
     *
     * @param mtu the largest IP packet, in bytes
     * @param framesMax how many frames wait in each direction; the next finds no room
     */
    public InMemoryLink(long leftMac, long rightMac, int mtu, int framesMax) {
        ArrayDeque<Buffer> toLeft = new ArrayDeque<>();
        ArrayDeque<Buffer> toRight = new ArrayDeque<>();
        left = new End(leftMac, mtu, framesMax, toLeft, toRight);
        right = new End(rightMac, mtu, framesMax, toRight, toLeft);
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
        private final ArrayDeque<Buffer> incoming;
        private final ArrayDeque<Buffer> outgoing;
        private boolean closed;

        End(
                long macAddress,
                int mtu,
                int framesMax,
                ArrayDeque<Buffer> incoming,
                ArrayDeque<Buffer> outgoing) {
            this.macAddress = macAddress;
            this.mtu = mtu;
            this.framesMax = framesMax;
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
        public Buffer receive() {
            return incoming.poll();
        }

        @Override
        public boolean hasRoom() {
            return !closed && outgoing.size() < framesMax;
        }

        @Override
        public void send(Buffer frame) {
            assert hasRoom() : "framesMax=" + framesMax;
            assert frame.length() <= mtu + EthernetHeader.BYTES : frame + " mtu=" + mtu;
            outgoing.add(frame);
        }

        /** Drops what has arrived here; what was sent still arrives. */
        @Override
        public void close() {
            closed = true;
            incoming.forEach(Buffer::close);
            incoming.clear();
        }
    }
}
