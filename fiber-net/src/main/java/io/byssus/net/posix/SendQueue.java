package io.byssus.net.posix;

import io.byssus.net.posix.DatagramFeatures.Feature;
import io.byssus.net.spi.DatagramAddress;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.ControlMessage;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.IoVectors;
import io.byssus.runtime.os.MessageHeader;
import io.byssus.runtime.os.MultiMessage;
import io.byssus.runtime.os.NativeMemory;
import io.byssus.runtime.os.Sockets;
import java.net.InetSocketAddress;

/**
 * Datagrams that wait to be sent, for one {@code sendmmsg}. Those in a row of the same length and
 * destination, the last of which may be shorter, become one message that the kernel cuts again.
 *
 * <p>A datagram that the kernel refuses is dropped; the first such error is kept until somebody
 * asks for it.
 *
 * <p><b>Ownership:</b> of its socket, confined to its shard. Never parks.
 */
final class SendQueue {
    /** Datagrams of one message: the kernel's UDP_MAX_SEGMENTS in its first versions. */
    private static final int SEGMENTS_MAX = 64;

    /** Bytes of one message: what fits in an IPv4 datagram with any options. */
    private static final int MESSAGE_BYTES_MAX = 65_000;

    /** Datagrams so short fit every link (RFC 8200, 5), so that their length is not the reason. */
    private static final int FITTING_BYTES = 1232;

    private static final int CONTROL_BYTES =
            ControlMessage.PACKET_INFO_BYTES + ControlMessage.SEGMENT_BYTES;

    private final int family;
    private final int nameBytes;
    private final boolean connected;
    private final boolean isUnix;
    private final Buffer[] payloads;

    /** Bytes of each destination, and of what tells the kernel where to send from. */
    private final int[] nameLengths;

    private final int[] sourceLengths;

    /**
     * Whether each has the same destination, and leaves from the same address, as the one before.
     */
    private final boolean[] sameAsBefore;

    /** The datagram after the last of each message. */
    private final int[] ends;

    /** The destination of the last, and where it is to be sent from. */
    private final DatagramAddress last = new DatagramAddress();

    private final DatagramAddress lastSource = new DatagramAddress();

    /** Of the tables below; 0 before the first datagram. */
    private long memory;

    private long names;
    private long vectors;
    private long controls;
    private int first;
    private int count;

    /** Datagrams up to this length are put together; 0 for none. */
    private int segmentBytesMax;

    /** The first error that was not told yet, or 0. */
    private int failure;

    private final DatagramAddress failedDestination = new DatagramAddress();

    // For the socket's counters.
    long sent;
    long failed;
    long calls;
    long segmented;
    long bytes;

    SendQueue(int capacity, DatagramFeatures features, boolean connected) {
        this.family = features.family();
        this.nameBytes = features.nameBytes();
        this.isUnix = features.isUnix();
        this.connected = connected;
        this.payloads = new Buffer[capacity];
        this.sameAsBefore = new boolean[capacity];
        this.ends = new int[capacity];
        this.nameLengths = new int[capacity];
        this.sourceLengths = new int[capacity];
        this.segmentBytesMax = features.has(Feature.SEGMENTATION) ? MESSAGE_BYTES_MAX : 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == payloads.length;
    }

    /**
     * Adds a datagram.
     *
     * @param to null if the socket is connected
     * @param from the address of this host to send it from; null for the kernel's choice
     */
    void add(Buffer payload, DatagramAddress to, DatagramAddress from) {
        assert !isFull();
        if (memory == 0) {
            allocate();
        }
        int at = count++;
        payloads[at] = payload;
        IoVectors.slice(vectors, at, payload.address(), payload.length());
        if (to == null) {
            sameAsBefore[at] = true;
            return;
        }
        sameAsBefore[at] = at > 0 && last.isSame(to) && hasSource(at - 1, from);
        last.set(to);
        nameLengths[at] = to.write(family, nameOf(at));
        sourceLengths[at] = 0;
        if (from != null) {
            lastSource.set(from);
            sourceLengths[at] =
                    ControlMessage.source(controlOf(at), family, from.high(), from.low());
        }
    }

    /** Whether the datagram at {@code at}, the last, is to be sent from {@code from}. */
    private boolean hasSource(int at, DatagramAddress from) {
        return from == null
                ? sourceLengths[at] == 0
                : sourceLengths[at] > 0 && lastSource.isSame(from);
    }

    /**
     * Passes as much as it can to the kernel.
     *
     * @return whether the queue is empty; else the kernel takes no more now
     */
    boolean flush(CallState state, int fd) {
        while (first < count) {
            int messages = build();
            int taken = Sockets.sendMany(state, fd, memory, messages);
            calls++;
            if (taken > 0) {
                taken(taken);
            } else if (!overcome(state.errno())) {
                return false;
            }
        }
        first = 0;
        count = 0;
        return true;
    }

    /** The first error since the last call, 0 if there was none. */
    int takeFailure() {
        int errno = failure;
        failure = 0;
        return errno;
    }

    boolean hasFailure() {
        return failure != 0;
    }

    /** Where the datagram of {@link #takeFailure} was to go. */
    InetSocketAddress failedDestination() {
        return failedDestination.decoded();
    }

    /** Drops what is left. */
    void close() {
        while (first < count) {
            failed++;
            release(first++);
        }
        first = 0;
        count = 0;
        if (memory != 0) {
            NativeMemory.release(memory);
            memory = 0;
        }
    }

    /** Puts the queue into messages; how many. */
    private int build() {
        int messages = 0;
        for (int at = first; at < count; at = ends[messages++]) {
            int run = runLength(at);
            long message = MultiMessage.at(memory, messages);
            if (!connected) {
                MessageHeader.name(message, nameOf(at), nameLengths[at]);
            }
            MessageHeader.slices(message, vectors + IoVectors.bytes(at), run);
            int controlLength = sourceLengths[at];
            if (run > 1) {
                controlLength +=
                        ControlMessage.segment(
                                controlOf(at) + controlLength, payloads[at].length());
            }
            MessageHeader.control(message, controlLength == 0 ? 0 : controlOf(at), controlLength);
            ends[messages] = at + run;
        }
        return messages;
    }

    /** Datagrams from {@code at} on that go as one message. */
    private int runLength(int at) {
        int length = payloads[at].length();
        if (length == 0 || length > segmentBytesMax) {
            return 1;
        }
        int total = length;
        int end = at + 1;
        int limit = Math.min(count, at + SEGMENTS_MAX);
        while (end < limit && sameAsBefore[end]) {
            int next = payloads[end].length();
            if (next == 0 || next > length || total + next > MESSAGE_BYTES_MAX) {
                break;
            }
            total += next;
            end++;
            if (next < length) {
                break;
            }
        }
        return end - at;
    }

    private void taken(int messages) {
        int from = first;
        for (int i = 0; i < messages; i++) {
            if (ends[i] - from > 1) {
                segmented += ends[i] - from;
            }
            from = ends[i];
        }
        sent += from - first;
        while (first < from) {
            bytes += payloads[first].length();
            release(first++);
        }
    }

    /**
     * The first message was refused.
     *
     * @return whether to go on; else the kernel has no room now
     */
    private boolean overcome(int errno) {
        boolean isSegmented = ends[0] - first > 1;
        switch (errno) {
            case Errno.EAGAIN -> {
                if (!isUnix || connected) {
                    return false;
                }
                drop(errno); // one receiver is full, and the others need not wait for it
            }
            case Errno.EINTR -> {}
            case Errno.ECONNREFUSED -> {
                if (isUnix) {
                    drop(errno);
                } else {
                    note(errno); // about an earlier one; reading it cleared it
                }
            }
            case Errno.EIO, Errno.EINVAL, Errno.EMSGSIZE, Errno.EOPNOTSUPP, Errno.ENOPROTOOPT -> {
                if (isSegmented) {
                    // The interface cannot, or a segment is larger than it takes: one by one then.
                    int length = payloads[first].length();
                    segmentBytesMax =
                            errno == Errno.EIO || length <= FITTING_BYTES ? 0 : length - 1;
                } else {
                    drop(errno);
                }
            }
            default -> drop(errno);
        }
        return true;
    }

    private void drop(int errno) {
        note(errno);
        while (first < ends[0]) {
            failed++;
            release(first++);
        }
    }

    private void note(int errno) {
        if (failure == 0) {
            failure = errno;
            if (!connected) {
                noteDestination();
            }
        }
    }

    private void noteDestination() {
        if (isUnix) {
            failedDestination.readUnix(nameOf(first), nameLengths[first]);
        } else {
            failedDestination.read(nameOf(first));
        }
    }

    private void release(int at) {
        payloads[at].close();
        payloads[at] = null;
    }

    private long nameOf(int at) {
        return names + (long) at * nameBytes;
    }

    private long controlOf(int at) {
        return controls + (long) at * CONTROL_BYTES;
    }

    private void allocate() {
        int capacity = payloads.length;
        long perMessage =
                (long) MultiMessage.BYTES + nameBytes + IoVectors.bytes(1) + CONTROL_BYTES;
        memory = NativeMemory.allocate(capacity * perMessage);
        names = memory + (long) capacity * MultiMessage.BYTES;
        vectors = names + (long) capacity * nameBytes;
        controls = vectors + IoVectors.bytes(capacity);
        for (int i = 0; i < capacity; i++) {
            MultiMessage.clear(MultiMessage.at(memory, i));
        }
    }
}
