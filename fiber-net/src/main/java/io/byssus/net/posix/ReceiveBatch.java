package io.byssus.net.posix;

import io.byssus.net.posix.DatagramFeatures.Feature;
import io.byssus.net.spi.ReceivedDatagram;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.ControlMessage;
import io.byssus.runtime.os.IoVectors;
import io.byssus.runtime.os.MessageHeader;
import io.byssus.runtime.os.MultiMessage;
import io.byssus.runtime.os.NativeMemory;
import io.byssus.runtime.os.PacketInfo;
import io.byssus.runtime.os.PeerCredentialsStruct;
import io.byssus.runtime.os.Sockets;

/**
 * What one {@code recvmmsg} has brought, to be handed out one by one. Buffers are taken for the
 * call, as many as it is likely to fill: twice as many as last time if it filled all, half as many
 * if it filled few. What it did not fill is given back at once, so that a socket which waits holds
 * none.
 *
 * <p><b>Ownership:</b> of its socket, confined to its shard.
 */
final class ReceiveBatch {
    /** Of {@link #fill}: there may be more. */
    static final int FULL = 1;

    /** Of {@link #fill}: there is no more. */
    static final int PARTIAL = 0;

    /** What a message of datagrams that the kernel put together needs. */
    private static final int COALESCED_BYTES = 1 << 16;

    /**
     * One more than there mostly is where little goes on: a call that fills all does not tell that
     * there is no more, and the next would be made in vain.
     */
    private static final int SIZE_MIN = 2;

    /** A call that fills fewer than one in so many buffers asks for fewer next time. */
    private static final int FEW = 4;

    /** The first octet of IPv6 groups (RFC 4291, 2.7). */
    private static final int MULTICAST = 0xff;

    private static final int MULTICAST_SHIFT = Long.SIZE - Byte.SIZE;

    private final int slotBytes;
    private final boolean coalesces;
    private final boolean isUnix;
    private final int nameBytes;

    /** Room for all that the kernel may tell beside the payload; 0 if nothing was asked for. */
    private final int controlBytes;

    private final Buffer[] buffers;

    /** Of the tables below; 0 before the first call. */
    private long memory;

    private long names;
    private long vectors;
    private long controls;

    /** Messages that the next call asks for. */
    private int size;

    /** The messages from {@code next} to {@code count} are to be handed out. */
    private int next;

    private int count;

    /** Bytes of the next message that have been handed out, if it is several datagrams. */
    private int offset;

    // For the socket's counters.
    long datagrams;
    long truncated;
    long calls;
    long coalesced;

    ReceiveBatch(int capacity, int payloadBytesMax, DatagramFeatures features) {
        this.buffers = new Buffer[capacity];
        this.size = Math.min(SIZE_MIN, capacity);
        this.coalesces = features.has(Feature.COALESCING);
        this.isUnix = features.isUnix();
        this.nameBytes = features.nameBytes();
        this.controlBytes = controlBytes(features);
        this.slotBytes = coalesces ? COALESCED_BYTES : payloadBytesMax;
    }

    /** IPv4 packets for a socket of both families come with both kinds of packet information. */
    private static int controlBytes(DatagramFeatures features) {
        int bytes = features.has(Feature.COALESCING) ? ControlMessage.SEGMENT_BYTES : 0;
        bytes += features.has(Feature.DESTINATION) ? 2 * ControlMessage.PACKET_INFO_BYTES : 0;
        return bytes + (features.has(Feature.CREDENTIALS) ? ControlMessage.CREDENTIALS_BYTES : 0);
    }

    boolean isEmpty() {
        return next == count;
    }

    /** Bytes of each buffer. */
    int slotBytes() {
        return slotBytes;
    }

    /**
     * Receives what there is.
     *
     * @param first a buffer of {@link #slotBytes}; given back if nothing was received
     * @return {@link #FULL}, {@link #PARTIAL}, or -1
     */
    int fill(CallState state, int fd, Buffer first, BufferPool pool) {
        assert isEmpty();
        if (memory == 0) {
            allocate();
        }
        int slots = prepare(first, pool);
        int received = Sockets.receiveMany(state, fd, memory, slots);
        int filled = Math.max(received, 0);
        for (int i = slots - 1; i >= filled; i--) { // the first is to be the next again
            buffers[i].close();
            buffers[i] = null;
        }
        calls++;
        next = 0;
        count = filled;
        if (filled == slots) {
            size = Math.min(size * 2, buffers.length);
        } else if (filled < slots / FEW) {
            size = Math.max(slots / 2, Math.min(SIZE_MIN, buffers.length));
        }
        return received < 0 ? received : received == slots ? FULL : PARTIAL;
    }

    /** Hands out the next datagram. */
    Buffer take(ReceivedDatagram into) {
        assert !isEmpty();
        long message = MultiMessage.at(memory, next);
        readName(into, message);
        int length = MultiMessage.length(message);
        into.begin(length);
        if (controlBytes > 0) {
            int segment = readControls(into, message);
            if (segment > 0 && segment < length) {
                return takeSegment(into, Math.min(length, slotBytes), segment);
            }
        }
        Buffer payload = buffers[next];
        buffers[next++] = null;
        datagrams++;
        if (length > slotBytes) {
            truncated++;
        } else {
            payload.trim(length);
        }
        return payload;
    }

    private void readName(ReceivedDatagram into, long message) {
        long name = names + (long) next * nameBytes;
        if (isUnix) {
            into.source().readUnix(name, MessageHeader.nameLength(message));
        } else {
            into.source().read(name);
        }
    }

    /**
     * Reads what the kernel tells; answers the bytes of each datagram that it put together, or 0.
     */
    private static int readControls(ReceivedDatagram into, long message) {
        int segment = 0;
        long control = MessageHeader.control(message);
        long end = control + MessageHeader.controlLength(message);
        while (control < end) {
            long data = ControlMessage.data(control);
            switch (ControlMessage.kind(control)) {
                case COALESCED -> segment = ControlMessage.coalescedSegment(control);
                case PACKET_INFO_4 -> {
                    into.destination(0, PacketInfo.destination4(data));
                    into.host(0, PacketInfo.host4(data));
                }
                case PACKET_INFO_6 -> {
                    long high = PacketInfo.high(data);
                    into.destination(high, PacketInfo.low(data));
                    if (high >>> MULTICAST_SHIFT != MULTICAST) {
                        into.host(high, PacketInfo.low(data));
                    }
                }
                case CREDENTIALS ->
                        into.credentials(
                                PeerCredentialsStruct.process(data),
                                PeerCredentialsStruct.user(data),
                                PeerCredentialsStruct.group(data));
                case OTHER -> {
                    // nothing that we have asked for
                }
            }
            control += ControlMessage.step(control);
        }
        return segment;
    }

    /** Hands out the next of several datagrams in one buffer. */
    private Buffer takeSegment(ReceivedDatagram into, int length, int segment) {
        int bytes = Math.min(segment, length - offset);
        Buffer all = buffers[next];
        into.length(bytes);
        datagrams++;
        coalesced++;
        if (offset + bytes < length) {
            Buffer payload = all.share(offset, bytes);
            offset += bytes;
            return payload;
        }
        all.trim(length);
        all.trimFront(offset);
        buffers[next++] = null;
        offset = 0;
        return all;
    }

    /** Gives back what was not handed out, and the tables. */
    void close() {
        for (int i = next; i < count; i++) {
            buffers[i].close();
            buffers[i] = null;
        }
        next = 0;
        count = 0;
        offset = 0;
        if (memory != 0) {
            NativeMemory.release(memory);
            memory = 0;
        }
    }

    /** Points the messages at buffers; how many there are. */
    private int prepare(Buffer first, BufferPool pool) {
        Buffer buffer = first;
        int slots = 0;
        while (buffer != null) {
            buffers[slots] = buffer;
            IoVectors.slice(vectors, slots, buffer.address(), slotBytes);
            long message = MultiMessage.at(memory, slots);
            MessageHeader.name(message, names + (long) slots * nameBytes, nameBytes);
            if (controlBytes > 0) {
                long control = controls + (long) slots * controlBytes;
                MessageHeader.control(message, control, controlBytes);
            }
            slots++;
            buffer = slots < size ? pool.allocateOrNull(slotBytes) : null;
        }
        return slots;
    }

    private void allocate() {
        int capacity = buffers.length;
        long perMessage = (long) MultiMessage.BYTES + nameBytes + IoVectors.bytes(1) + controlBytes;
        memory = NativeMemory.allocate(capacity * perMessage);
        names = memory + (long) capacity * MultiMessage.BYTES;
        vectors = names + (long) capacity * nameBytes;
        controls = vectors + IoVectors.bytes(capacity);
        for (int i = 0; i < capacity; i++) {
            long message = MultiMessage.at(memory, i);
            MultiMessage.clear(message);
            MessageHeader.slices(message, vectors + IoVectors.bytes(i), 1);
        }
    }
}
