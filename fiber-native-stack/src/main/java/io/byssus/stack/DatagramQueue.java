package io.byssus.stack;

import io.byssus.net.spi.ReceivedDatagram;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.ip.IpAddress;
import java.util.Arrays;

/**
 * Datagrams that a socket has received and nobody has asked for yet. It is bounded by the memory
 * that they keep in use; what is too much is dropped and counted, and neither the sender nor
 * anybody else's socket is told (RFC 1122, 4.1.1).
 *
 * <p>A text stays in the frame that it came in, unless it would keep four times its length in use.
 *
 * <p><b>Ownership:</b> of its socket, confined to its shard.
 */
final class DatagramQueue {
    private static final int SPARSE_DIVISOR = 4;
    private static final int INITIAL = 16;

    /** What one costs at least: its place in the tables below. */
    private static final int COST_MIN = 64;

    private final BufferPool pool;
    private final int bytesMax;
    private final int payloadBytesMax;

    // Rings of one length, a power of two.
    private Buffer[] payloads = new Buffer[INITIAL];
    private long[] sources = new long[INITIAL];
    private int[] destinations = new int[INITIAL];
    private int[] lengths = new int[INITIAL];

    private int first;
    private int count;
    private long bytes;

    // For the socket's counters.
    long received;
    long truncated;
    long dropped;

    DatagramQueue(BufferPool pool, int bytesMax, int payloadBytesMax) {
        this.pool = pool;
        this.bytesMax = bytesMax;
        this.payloadBytesMax = payloadBytesMax;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes a datagram out of {@code frame}, which stays the caller's; false if it is dropped. */
    boolean add(Buffer frame, int at, int length, int source, int sourcePort, int destination) {
        Buffer payload = bytes >= bytesMax ? null : payload(frame, at, length);
        if (payload == null) {
            dropped++;
            return false;
        }
        if (count == payloads.length) {
            grow();
        }
        int slot = (first + count++) & (payloads.length - 1);
        payloads[slot] = payload;
        sources[slot] = (long) source << Integer.SIZE | sourcePort;
        destinations[slot] = destination;
        lengths[slot] = length;
        bytes += cost(payload);
        return true;
    }

    private Buffer payload(Buffer frame, int at, int length) {
        int kept = Math.min(length, payloadBytesMax);
        if (kept == 0) {
            return Buffer.EMPTY;
        }
        if (kept >= frame.capacity() / SPARSE_DIVISOR) {
            return frame.share(at, kept);
        }
        Buffer copy = pool.allocateReserved(kept);
        if (copy != null) {
            try (Buffer text = frame.share(at, kept)) {
                copy.put(0, text);
            }
        }
        return copy;
    }

    /** The oldest, owned by the caller. */
    Buffer take(ReceivedDatagram into, boolean tellsDestination, int host) {
        assert !isEmpty();
        Buffer payload = payloads[first];
        payloads[first] = null;
        int source = (int) (sources[first] >>> Integer.SIZE);
        into.source().set(0, IpAddress.lowOfIpv4(source), (int) sources[first], 0);
        into.begin(lengths[first]);
        if (tellsDestination) {
            into.destination(0, IpAddress.lowOfIpv4(destinations[first]));
            into.host(0, IpAddress.lowOfIpv4(host));
        }
        bytes -= cost(payload);
        received++;
        truncated += lengths[first] > payload.length() ? 1 : 0;
        first = (first + 1) & (payloads.length - 1);
        count--;
        return payload;
    }

    /** Where the oldest was sent to. */
    int destination() {
        return destinations[first];
    }

    void close() {
        while (count > 0) {
            payloads[first].close();
            payloads[first] = null;
            first = (first + 1) & (payloads.length - 1);
            count--;
        }
        bytes = 0;
    }

    private static int cost(Buffer payload) {
        return Math.max(payload.capacity(), COST_MIN);
    }

    private void grow() {
        int length = payloads.length;
        payloads = Arrays.copyOf(payloads, 2 * length);
        sources = Arrays.copyOf(sources, 2 * length);
        destinations = Arrays.copyOf(destinations, 2 * length);
        lengths = Arrays.copyOf(lengths, 2 * length);
        // What had wrapped around follows what had not.
        System.arraycopy(payloads, 0, payloads, length, first);
        System.arraycopy(sources, 0, sources, length, first);
        System.arraycopy(destinations, 0, destinations, length, first);
        System.arraycopy(lengths, 0, lengths, length, first);
        Arrays.fill(payloads, 0, first, null);
    }
}
