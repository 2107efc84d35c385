package io.byssus.stack.tcp;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;
import java.lang.foreign.MemorySegment;

/**
 * A segment that has arrived, parsed once: RFC 9293's SEG variables (3.3.1). One object per shard,
 * used again for each segment.
 *
 * <p>Its text can be trimmed to what is new, at both ends.
 *
 * <p><b>Ownership:</b> confined to its shard. The frame stays the caller's.
 */
final class Segment extends FlowFields {
    private static final MemorySegment MEMORY = RawMemory.all();

    final TcpOptions options = new TcpOptions();

    Buffer frame;
    int sequence;

    /** As {@link #sequence}, before anything was trimmed. */
    int untrimmed;

    int acknowledgment;
    int flags;

    /** As it stands there, not scaled. */
    int window;

    /** Whether its window is never scaled: it came with a SYN, which may be trimmed off by now. */
    boolean windowUnscaled;

    /** The number after the urgent data, if there is some: the pointer counts from the header's. */
    int urgentEnd;

    /** Where the text begins in the frame. */
    int textOffset;

    int textLength;

    /** The two low bits of the IP header's traffic class (RFC 3168). */
    int congestionBits;

    Segment() {}

    /**
     * Reads the {@code length} bytes at {@code offset} of {@code frame}.
     *
     * @return what is wrong with it; then the rest is undefined
     */
    Defect parse(Buffer frame, int offset, int length) {
        long at = frame.address() + offset;
        Defect defect = TcpHeader.checkLengths(MEMORY, at, length);
        if (defect != Defect.NONE) {
            return defect;
        }
        int headerLength = TcpHeader.headerLength(MEMORY, at);
        this.frame = frame;
        sequence = TcpHeader.sequence(MEMORY, at);
        untrimmed = sequence;
        acknowledgment = TcpHeader.acknowledgment(MEMORY, at);
        flags = TcpHeader.flags(MEMORY, at);
        window = TcpHeader.window(MEMORY, at);
        windowUnscaled = has(TcpHeader.SYN);
        urgentEnd = sequence + TcpHeader.urgentPointer(MEMORY, at);
        textOffset = offset + headerLength;
        textLength = length - headerLength;
        congestionBits = 0;
        ports = Flow.ports(TcpHeader.destinationPort(MEMORY, at), TcpHeader.sourcePort(MEMORY, at));
        // A bad option is ignored with those after it (MUST-7): what was read before it counts.
        options.parse(MEMORY, at);
        return Defect.NONE;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** SEG.LEN: of the text, with SYN and FIN counted. */
    int length() {
        return textLength + (has(TcpHeader.SYN) ? 1 : 0) + (has(TcpHeader.FIN) ? 1 : 0);
    }

    /** The sequence number after the last that it occupies. */
    int end() {
        return sequence + length();
    }

    /** The sequence number of the first byte of text. */
    int textSequence() {
        return sequence + (has(TcpHeader.SYN) ? 1 : 0);
    }

    /** Drops what comes before {@code number}. */
    void trimFront(int number) {
        int surplus = SequenceNumber.distance(sequence, number);
        if (surplus <= 0) {
            return;
        }
        if (has(TcpHeader.SYN)) {
            flags &= ~TcpHeader.SYN;
            sequence++;
            surplus--;
        }
        int text = Math.min(surplus, textLength);
        textOffset += text;
        textLength -= text;
        sequence += text;
        if (surplus > text) {
            flags &= ~TcpHeader.FIN;
            sequence = number;
        }
    }

    /** Drops what comes at or after {@code number}. */
    void trimBack(int number) {
        int surplus = SequenceNumber.distance(number, end());
        if (surplus <= 0) {
            return;
        }
        if (has(TcpHeader.FIN)) {
            flags &= ~TcpHeader.FIN;
            surplus--;
        }
        textLength -= Math.min(surplus, textLength);
    }
}
