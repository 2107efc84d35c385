package io.byssus.stack.ip;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The fragments of one datagram that have come, in the order of their offsets; no two overlap. It
 * is used again for other datagrams.
 *
 * <p><b>Ownership:</b> confined to its shard; it owns the fragments.
 */
final class PartialDatagram {
    enum Verdict {
        /** It fits between the others: {@link #insert} it. */
        NEW,
        DUPLICATE,
        /** With another, or with the end that another one gave. */
        OVERLAP,
        TOO_MANY
    }

    static final int FRAGMENTS_MAX = 64;
    private static final int FRAGMENTS_FIRST = 8;
    private static final int END_UNKNOWN = -1;

    private static final int ECN_MASK = 0b11;
    private static final int CONGESTION_EXPERIENCED = 0b11;
    private static final int NOT_ECN_CAPABLE = 0b00;

    private final MemorySegment memory = RawMemory.all();

    /** Packets with their headers. */
    private Buffer[] fragments = new Buffer[FRAGMENTS_FIRST];

    /** Offset of the payload's first byte in the datagram's, and of the one after its last. */
    private int[] starts = new int[FRAGMENTS_FIRST];

    private int[] ends = new int[FRAGMENTS_FIRST];
    private int count;

    /** What the last fragment says; {@link #END_UNKNOWN} before it has come. */
    private int end;

    private int receivedBytes;
    private long charge;

    /** Bit n is set if a fragment has n in its two bits of congestion notification. */
    private int ecnSeen;

    private boolean spoiled;
    private long expiresAt;

    void begin(long expiry) {
        assert count == 0 && charge == 0 : "count=" + count;
        end = END_UNKNOWN;
        receivedBytes = 0;
        ecnSeen = 0;
        spoiled = false;
        expiresAt = expiry;
    }

    long expiresAt() {
        return expiresAt;
    }

    /** Bytes of memory that the fragments keep in use. */
    long charge() {
        return charge;
    }

    boolean isSpoiled() {
        return spoiled;
    }

    boolean isComplete() {
        return receivedBytes == end;
    }

    /** Where a packet's payload would go. */
    Verdict judge(Buffer packet) {
        long at = packet.address();
        int start = Ipv4Header.fragmentOffset(memory, at);
        int stop = start + packet.length() - Ipv4Header.headerLength(memory, at);
        boolean last = !Ipv4Header.moreFragments(memory, at);
        int index = indexFor(start);
        if (index < count && isSame(index, packet, start, stop, last)) {
            return Verdict.DUPLICATE;
        }
        if ((index > 0 && ends[index - 1] > start) || (index < count && starts[index] < stop)) {
            return Verdict.OVERLAP;
        }
        boolean contradictsEnd =
                last ? end != END_UNKNOWN || index < count : end != END_UNKNOWN && stop >= end;
        if (contradictsEnd) {
            return Verdict.OVERLAP;
        }
        return count == FRAGMENTS_MAX ? Verdict.TOO_MANY : Verdict.NEW;
    }

    /** Takes over a packet that was judged to be new. */
    void insert(Buffer packet) {
        long at = packet.address();
        int start = Ipv4Header.fragmentOffset(memory, at);
        int payload = packet.length() - Ipv4Header.headerLength(memory, at);
        int index = openGap(indexFor(start));
        fragments[index] = packet;
        starts[index] = start;
        ends[index] = start + payload;
        if (!Ipv4Header.moreFragments(memory, at)) {
            end = start + payload;
        }
        receivedBytes += payload;
        charge += packet.capacity();
        ecnSeen |= 1 << (Ipv4Header.trafficClass(memory, at) & ECN_MASK);
        assert end == END_UNKNOWN || receivedBytes <= end : "end=" + end;
    }

    /** Header and payload of the complete datagram, in bytes. */
    int totalLength() {
        assert isComplete();
        return Ipv4Header.headerLength(memory, fragments[0].address()) + end;
    }

    /** Whether congestion was marked in a flow that cannot have the mark (RFC 3168, 5.3). */
    boolean hasMixedEcn() {
        int both = (1 << CONGESTION_EXPERIENCED) | (1 << NOT_ECN_CAPABLE);
        return (ecnSeen & both) == both;
    }

    /** Writes the complete datagram, with the first fragment's header, of {@link #totalLength}. */
    void assemble(Buffer whole) {
        long to = whole.address();
        long first = fragments[0].address();
        int headerLength = Ipv4Header.headerLength(memory, first);
        RawMemory.copy(first, to, headerLength);
        for (int i = 0; i < count; i++) {
            long from = fragments[i].address();
            from += Ipv4Header.headerLength(memory, from);
            RawMemory.copy(from, to + headerLength + starts[i], ends[i] - starts[i]);
        }
        Ipv4Header.totalLength(memory, to, whole.length());
        Ipv4Header.fragment(memory, to, 0, Ipv4Header.Part.LAST);
        if ((ecnSeen & (1 << CONGESTION_EXPERIENCED)) != 0) {
            int trafficClass = Ipv4Header.trafficClass(memory, to);
            Ipv4Header.trafficClass(memory, to, trafficClass | CONGESTION_EXPERIENCED);
        }
        Ipv4Header.complete(memory, to);
    }

    /** The fragment that the datagram begins with, owned by the caller; null if it has not come. */
    Buffer takeFirst() {
        if (count == 0 || starts[0] != 0) {
            return null;
        }
        Buffer first = fragments[0];
        charge -= first.capacity();
        count--;
        System.arraycopy(fragments, 1, fragments, 0, count);
        fragments[count] = null;
        return first;
    }

    /** Drops what has come; what still comes is to be dropped, too (RFC 5722). */
    void spoil() {
        spoiled = true;
        release();
    }

    /** Drops what has come. */
    void release() {
        for (int i = 0; i < count; i++) {
            fragments[i].close();
            fragments[i] = null;
        }
        count = 0;
        charge = 0;
    }

    /** Of the first fragment that does not begin before {@code start}. Most come in order. */
    private int indexFor(int start) {
        int index = count;
        while (index > 0 && starts[index - 1] >= start) {
            index--;
        }
        return index;
    }

    private boolean isSame(int index, Buffer packet, int start, int stop, boolean last) {
        if (starts[index] != start || ends[index] != stop || last != (stop == end)) {
            return false;
        }
        long one = fragments[index].address();
        long other = packet.address();
        one += Ipv4Header.headerLength(memory, one);
        other += Ipv4Header.headerLength(memory, other);
        int length = stop - start;
        return MemorySegment.mismatch(memory, one, one + length, memory, other, other + length) < 0;
    }

    private int openGap(int index) {
        if (count == fragments.length) {
            int larger = Math.min(2 * count, FRAGMENTS_MAX);
            fragments = Arrays.copyOf(fragments, larger);
            starts = Arrays.copyOf(starts, larger);
            ends = Arrays.copyOf(ends, larger);
        }
        System.arraycopy(fragments, index, fragments, index + 1, count - index);
        System.arraycopy(starts, index, starts, index + 1, count - index);
        System.arraycopy(ends, index, ends, index + 1, count - index);
        count++;
        return index;
    }
}
