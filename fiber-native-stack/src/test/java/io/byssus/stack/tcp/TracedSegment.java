package io.byssus.stack.tcp;

import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.TcpHeader;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A segment in the notation of tcpdump and packetdrill:
 *
 * <pre>
 *   FLAGS FIRST:NEXT(TEXT) [ack N] [win N] [urg N] [&lt;OPTIONS&gt;] [ect | ce]
 *
 *   S 0:0(0) win 1000 &lt;mss 1000, sackOK, TS val 7 ecr 0, wscale 3&gt;
 *   P. 1:101(100) ack 1 win 1000
 * </pre>
 *
 * <p>Flags are F, S, R, P, a dot for ACK, U, E, W. Numbers count from the SYN of the end that they
 * belong to, which is 0; the window stands there as in the header. An option {@code raw 0204} is
 * its bytes.
 *
 * @param window {@link #ABSENT} if it does not matter, as the urgent pointer
 * @param options null if they do not matter; without those that only align
 */
record TracedSegment(
        String flags,
        int sequence,
        int text,
        int acknowledgment,
        int window,
        int urgent,
        String options,
        String congestion) {
    static final int ABSENT = Integer.MIN_VALUE;

    private static final MemorySegment MEMORY = RawMemory.all();
    private static final String FLAGS = "FSRP.UEW";
    private static final Pattern NOTATION =
            Pattern.compile(
                    "([FSRP.UEW-]+) (-?\\d+):(-?\\d+)\\((\\d+)\\)(?: ack (-?\\d+))?(?: win (\\d+))?"
                            + "(?: urg (\\d+))?(?: <([^>]*)>)?(?: (ect|ce))?");

    /** Reads the notation. */
    static TracedSegment of(String notation) {
        Matcher matcher = NOTATION.matcher(notation);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("notation=" + notation);
        }
        int sequence = Integer.parseInt(matcher.group(2));
        int text = Integer.parseInt(matcher.group(4));
        if (sequence + text != Integer.parseInt(matcher.group(3))) {
            throw new IllegalArgumentException("notation=" + notation + ": wrong length");
        }
        String flags = matcher.group(1);
        if (flags.contains(".") != (matcher.group(5) != null)) {
            throw new IllegalArgumentException("notation=" + notation + ": a dot goes with ack");
        }
        return new TracedSegment(
                ordered(flags),
                sequence,
                text,
                number(matcher.group(5)),
                number(matcher.group(6)),
                number(matcher.group(7)),
                matcher.group(8),
                matcher.group(9) == null ? "" : matcher.group(9));
    }

    private static int number(String digits) {
        return digits == null ? ABSENT : Integer.parseInt(digits);
    }

    private static String ordered(String flags) {
        StringBuilder ordered = new StringBuilder();
        FLAGS.chars().filter(f -> flags.indexOf(f) >= 0).forEach(f -> ordered.append((char) f));
        return ordered.isEmpty() ? "-" : ordered.toString();
    }

    private static int bit(char flag) {
        return switch (flag) {
            case 'F' -> TcpHeader.FIN;
            case 'S' -> TcpHeader.SYN;
            case 'R' -> TcpHeader.RST;
            case 'P' -> TcpHeader.PSH;
            case '.' -> TcpHeader.ACK;
            case 'U' -> TcpHeader.URG;
            case 'E' -> TcpHeader.ECE;
            case 'W' -> TcpHeader.CWR;
            default -> 0;
        };
    }

    private int flagBits() {
        return flags.chars().map(f -> bit((char) f)).sum();
    }

    /** Reads what the stack has written, whose text is not looked at. */
    static TracedSegment read(
            long at, int length, int origin, int peerOrigin, int timestampOrigin, String mark) {
        int flags = TcpHeader.flags(MEMORY, at);
        StringBuilder letters = new StringBuilder();
        FLAGS.chars()
                .filter(f -> (flags & bit((char) f)) != 0)
                .forEach(f -> letters.append((char) f));
        int headerLength = TcpHeader.headerLength(MEMORY, at);
        return new TracedSegment(
                letters.toString(),
                TcpHeader.sequence(MEMORY, at) - origin,
                length - headerLength,
                (flags & TcpHeader.ACK) == 0
                        ? ABSENT
                        : TcpHeader.acknowledgment(MEMORY, at) - peerOrigin,
                TcpHeader.window(MEMORY, at),
                (flags & TcpHeader.URG) == 0 ? ABSENT : TcpHeader.urgentPointer(MEMORY, at),
                TracedOptions.read(
                        MEMORY.asSlice(at + TcpHeader.BYTES_MIN, headerLength - TcpHeader.BYTES_MIN)
                                .asByteBuffer(),
                        peerOrigin,
                        timestampOrigin),
                mark);
    }

    /** Writes all but the text; answers the header's length. */
    int write(long at, int ports, int origin, int peerOrigin, int timestampOrigin) {
        String hex =
                options == null ? "" : TracedOptions.write(options, peerOrigin, timestampOrigin);
        byte[] bytes = HexFormat.of().parseHex(hex);
        int headerLength = TcpHeader.BYTES_MIN + ((bytes.length + 3) & -4);
        MEMORY.asSlice(at, headerLength).fill((byte) 0);
        TcpHeader.sourcePort(MEMORY, at, Flow.remotePort(ports));
        TcpHeader.destinationPort(MEMORY, at, Flow.localPort(ports));
        TcpHeader.sequence(MEMORY, at, sequence + origin);
        TcpHeader.acknowledgment(
                MEMORY, at, acknowledgment == ABSENT ? 0 : acknowledgment + peerOrigin);
        TcpHeader.headerLength(MEMORY, at, headerLength);
        TcpHeader.flags(MEMORY, at, flagBits());
        TcpHeader.window(MEMORY, at, window == ABSENT ? 1000 : window);
        TcpHeader.urgentPointer(MEMORY, at, urgent == ABSENT ? 0 : urgent);
        MemorySegment.copy(
                MemorySegment.ofArray(bytes), 0, MEMORY, at + TcpHeader.BYTES_MIN, bytes.length);
        return headerLength;
    }

    boolean has(char flag) {
        return flags.indexOf(flag) >= 0;
    }

    /** This, with only what {@code expected} says of it. */
    TracedSegment inTermsOf(TracedSegment expected) {
        return new TracedSegment(
                flags,
                sequence,
                text,
                acknowledgment,
                expected.window == ABSENT ? ABSENT : window,
                urgent,
                expected.options == null ? null : options,
                expected.congestion.isEmpty() && congestion.equals("ect") ? "" : congestion);
    }

    @Override
    public String toString() {
        return flags
                + " "
                + sequence
                + ":"
                + (sequence + text)
                + "("
                + text
                + ")"
                + (acknowledgment == ABSENT ? "" : " ack " + acknowledgment)
                + (window == ABSENT ? "" : " win " + window)
                + (urgent == ABSENT ? "" : " urg " + urgent)
                + (options == null ? "" : " <" + options + ">")
                + (congestion.isEmpty() ? "" : " " + congestion);
    }
}
