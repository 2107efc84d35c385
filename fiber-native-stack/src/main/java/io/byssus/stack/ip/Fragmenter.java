package io.byssus.stack.ip;

import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cuts an IPv4 packet into fragments (RFC 791, 3.2). TCP does without: it makes segments that fit.
 *
 * <p>Options that are marked so go into every fragment, others into the first alone (RFC 791, 3.1).
 */
public final class Fragmenter {
    /** Every link carries packets of this size (RFC 791, 3.2). */
    public static final int MTU_MIN = 68;

    private static final int FRAGMENT_UNIT = Ipv4Header.FRAGMENT_UNIT_BYTES;
    private static final int VERSION_4 = 0x40;
    private static final int COPIED = 0x80;
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;

    private Fragmenter() {}

    /**
     * Writes a packet, whose header has been checked and is complete, as fragments of at most
     * {@code mtu} bytes, from the first to the last; a fragment may itself be cut again.
     *
     * @return how many were written: 0 if the packet must not be fragmented; fewer than all if
     *     there was no room for more, and then the packet is lost
     */
    public static int fragment(MemorySegment memory, long packet, int mtu, FragmentSink sink) {
        assert mtu >= MTU_MIN : "mtu=" + mtu;
        if (Ipv4Header.dontFragment(memory, packet)) {
            return 0;
        }
        int headerLength = Ipv4Header.headerLength(memory, packet);
        int payload = Ipv4Header.totalLength(memory, packet) - headerLength;
        int count = 0;
        int at = 0;
        do {
            int room = mtu - (at == 0 ? headerLength : copiedHeaderLength(memory, packet));
            int part = payload - at <= room ? payload - at : room & -FRAGMENT_UNIT;
            if (!write(memory, packet, at, part, sink)) {
                return count;
            }
            at += part;
            count++;
        } while (at < payload);
        return count;
    }

    private static boolean write(
            MemorySegment memory, long packet, int from, int part, FragmentSink sink) {
        int wholeHeader = Ipv4Header.headerLength(memory, packet);
        int headerLength = from == 0 ? wholeHeader : copiedHeaderLength(memory, packet);
        int length = headerLength + part;
        long to = sink.begin(length);
        if (to == FragmentSink.NO_ROOM) {
            return false;
        }
        if (from == 0) {
            MemorySegment.copy(memory, packet, memory, to, headerLength);
        } else {
            copyHeader(memory, packet, to, headerLength);
        }
        MemorySegment.copy(memory, packet + wholeHeader + from, memory, to + headerLength, part);
        boolean last =
                wholeHeader + from + part == Ipv4Header.totalLength(memory, packet)
                        && !Ipv4Header.moreFragments(memory, packet);
        Ipv4Header.totalLength(memory, to, length);
        Ipv4Header.fragment(
                memory,
                to,
                Ipv4Header.fragmentOffset(memory, packet) + from,
                last ? Ipv4Header.Part.LAST : Ipv4Header.Part.NOT_LAST);
        Ipv4Header.complete(memory, to);
        sink.end(to, length);
        return true;
    }

    /** Of the fragments that are not the first. */
    private static int copiedHeaderLength(MemorySegment memory, long packet) {
        int length = Ipv4Header.BYTES_MIN;
        long end = packet + Ipv4Header.headerLength(memory, packet);
        for (long at = packet + Ipv4Header.BYTES_MIN;
                at < end;
                at += optionLength(memory, at, end)) {
            length += isCopied(memory, at) ? optionLength(memory, at, end) : 0;
        }
        return (length + Integer.BYTES - 1) & -Integer.BYTES;
    }

    private static void copyHeader(MemorySegment memory, long packet, long to, int headerLength) {
        MemorySegment.copy(memory, packet, memory, to, Ipv4Header.BYTES_MIN);
        memory.set(ValueLayout.JAVA_BYTE, to, (byte) (VERSION_4 | (headerLength / Integer.BYTES)));
        long target = to + Ipv4Header.BYTES_MIN;
        long end = packet + Ipv4Header.headerLength(memory, packet);
        for (long at = packet + Ipv4Header.BYTES_MIN;
                at < end;
                at += optionLength(memory, at, end)) {
            if (isCopied(memory, at)) {
                MemorySegment.copy(memory, at, memory, target, optionLength(memory, at, end));
                target += optionLength(memory, at, end);
            }
        }
        while (target < to + headerLength) {
            memory.set(ValueLayout.JAVA_BYTE, target++, (byte) OPTION_END);
        }
    }

    private static boolean isCopied(MemorySegment memory, long option) {
        return (memory.get(ValueLayout.JAVA_BYTE, option) & COPIED) != 0;
    }

    /** Never 0 nor beyond the header's end, whatever stands there. */
    private static int optionLength(MemorySegment memory, long option, long end) {
        int left = (int) (end - option);
        int type = memory.get(ValueLayout.JAVA_BYTE, option);
        if (type == OPTION_END) {
            return left;
        }
        if (type == OPTION_NOP) {
            return 1;
        }
        int claimed =
                left > 1 ? Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, option + 1)) : 1;
        return Math.clamp(claimed, 1, left);
    }
}
