package io.byssus.stack.tcp;

import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;
import java.lang.foreign.MemorySegment;

/**
 * Segments that belong to no connection: resets, answers of TIME-WAIT, SYN cookies. They wait here
 * until the device has room; what finds the ring full is dropped and counted, as the network might
 * have done.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Replies {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int CAPACITY = 256;

    private final TcpCounters counters;
    private final Reply[] ring = new Reply[CAPACITY];
    private int first;
    private int count;

    Replies(TcpCounters counters) {
        this.counters = counters;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** A new answer to the sender of {@code segment}, to be filled in; null if there is no room. */
    Reply add(Segment segment) {
        if (count == CAPACITY) {
            counters.repliesDropped++;
            return null;
        }
        int index = (first + count) % CAPACITY;
        if (ring[index] == null) {
            ring[index] = new Reply();
        }
        count++;
        Reply reply = ring[index];
        reply.begin(segment);
        return reply;
    }

    /**
     * Sends what waits while {@code sink} has room.
     *
     * @return whether something was sent
     */
    boolean emit(SegmentSink sink) {
        boolean any = false;
        while (count > 0 && sink.hasRoom()) {
            ring[first].write(sink);
            first = (first + 1) % CAPACITY;
            count--;
            counters.outSegments++;
            any = true;
        }
        return any;
    }

    /** One answer; its object is used again. */
    static final class Reply extends FlowFields {
        int flags;
        int sequence;
        int acknowledgment;
        int window;

        private boolean timestamps;
        private int timestampValue;
        private int timestampEcho;

        private int mss;
        private int windowScale;
        private boolean sackPermitted;

        Reply() {}

        private void begin(Segment segment) {
            addresses(
                    segment.localHigh(),
                    segment.localLow(),
                    segment.remoteHigh(),
                    segment.remoteLow());
            ports = segment.ports();
            flags = 0;
            sequence = 0;
            acknowledgment = 0;
            window = 0;
            timestamps = false;
            mss = TcpOptions.ABSENT;
            windowScale = TcpOptions.ABSENT;
            sackPermitted = false;
        }

        /** A reset that the sender of {@code segment} believes (RFC 9293, 3.5.2). */
        void reset(Segment segment) {
            if (segment.has(TcpHeader.ACK)) {
                flags = TcpHeader.RST;
                sequence = segment.acknowledgment;
            } else {
                flags = TcpHeader.RST | TcpHeader.ACK;
                acknowledgment = segment.end();
            }
        }

        void timestamps(int value, int echo) {
            timestamps = true;
            timestampValue = value;
            timestampEcho = echo;
        }

        /** What a SYN tells; {@link TcpOptions#ABSENT} for no scale. */
        void handshake(int mss, int windowScale, boolean sackPermitted) {
            this.mss = mss;
            this.windowScale = windowScale;
            this.sackPermitted = sackPermitted;
        }

        private void write(SegmentSink sink) {
            int length =
                    (mss == TcpOptions.ABSENT ? 0 : TcpOptions.MSS_BYTES)
                            + (timestamps ? TcpOptions.TIMESTAMPS_BYTES : 0)
                            + (sackPermitted ? TcpOptions.SACK_PERMITTED_BYTES : 0)
                            + (windowScale == TcpOptions.ABSENT
                                    ? 0
                                    : TcpOptions.WINDOW_SCALE_BYTES);
            int padded = (length + Integer.BYTES - 1) & -Integer.BYTES;
            int headerLength = TcpHeader.BYTES_MIN + padded;
            long at = sink.begin(this, headerLength);
            TcpHeader.sourcePort(MEMORY, at, localPort());
            TcpHeader.destinationPort(MEMORY, at, remotePort());
            TcpHeader.sequence(MEMORY, at, sequence);
            TcpHeader.acknowledgment(MEMORY, at, acknowledgment);
            TcpHeader.headerLength(MEMORY, at, headerLength);
            TcpHeader.flags(MEMORY, at, flags);
            TcpHeader.window(MEMORY, at, window);
            TcpHeader.urgentPointer(MEMORY, at, 0);
            writeOptions(at + TcpHeader.BYTES_MIN, length);
            sink.end(Ecn.NOT_CAPABLE, 0);
        }

        private void writeOptions(long at, int length) {
            long option = at;
            if (mss != TcpOptions.ABSENT) {
                option += TcpOptions.writeMss(MEMORY, option, mss);
            }
            if (sackPermitted) {
                option += TcpOptions.writeSackPermitted(MEMORY, option);
            }
            if (timestamps) {
                option += TcpOptions.writeTimestamps(MEMORY, option, timestampValue, timestampEcho);
            }
            if (windowScale != TcpOptions.ABSENT) {
                TcpOptions.writeWindowScale(MEMORY, option, windowScale);
            }
            TcpOptions.pad(MEMORY, at, length);
        }
    }
}
