package io.byssus.stack.ip;

import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a received ICMP error says, and about which packet. {@link #parse} fills one object again
 * and again.
 *
 * <p>Nothing of it is proven: the transport must find the quoted packet among those that it has in
 * flight before it believes a word (RFC 5927, 4).
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class IcmpError {
    /** What a transport should think of it (RFC 1122, 4.2.3.9; RFC 9293, 3.9.2.2). */
    public enum Kind {
        /** It is a question or an answer. */
        NOT_AN_ERROR,
        /** The packet that it quotes is too short or no IPv4. */
        MALFORMED,
        /** Source quench, which nobody may act on (RFC 6633), and redirect. */
        IGNORED,
        /** It may pass: no network, no host, too many hops, a bad parameter. */
        SOFT,
        /** Nobody is there: no such protocol or port. */
        HARD,
        /** A router could not fragment it: {@link IcmpError#mtu} says for which link. */
        FRAGMENTATION_NEEDED
    }

    /** Of the quoted payload, so much is always there (RFC 792). */
    private static final int QUOTED_BYTES_MIN = 8;

    private static final int VERSION_SHIFT = 4;
    private static final int VERSION = 4;

    private Kind kind = Kind.NOT_AN_ERROR;
    private int mtu;
    private int packetLength;
    private int source;
    private int destination;
    private int protocol;
    private boolean hasPorts;
    private int sourcePort;
    private int destinationPort;
    private int sequence;

    /**
     * Reads a message, which {@link Icmpv4Header#check} has found right.
     *
     * @param length of header and data
     */
    public Kind parse(MemorySegment memory, long offset, int length) {
        kind = kindOf(Icmpv4Header.type(memory, offset), Icmpv4Header.code(memory, offset));
        boolean quotes =
                kind == Kind.SOFT || kind == Kind.HARD || kind == Kind.FRAGMENTATION_NEEDED;
        mtu = kind == Kind.FRAGMENTATION_NEEDED ? Icmpv4Header.nextHopMtu(memory, offset) : 0;
        if (quotes
                && !readQuoted(memory, offset + Icmpv4Header.BYTES, length - Icmpv4Header.BYTES)) {
            kind = Kind.MALFORMED;
        }
        return kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Of {@link Kind#FRAGMENTATION_NEEDED}; 0 from a router older than RFC 1191. */
    public int mtu() {
        return mtu;
    }

    /** The total length that the quoted header states. */
    public int packetLength() {
        return packetLength;
    }

    /** Of the quoted packet: an address of ours, if we have sent it. */
    public int source() {
        return source;
    }

    /** Of the quoted packet. */
    public int destination() {
        return destination;
    }

    /** Of the quoted packet. */
    public int protocol() {
        return protocol;
    }

    /** Whether it quotes the beginning of a TCP segment or a UDP datagram. */
    public boolean hasPorts() {
        return hasPorts;
    }

    /** Ours. */
    public int sourcePort() {
        return sourcePort;
    }

    /** The peer's. */
    public int destinationPort() {
        return destinationPort;
    }

    /** Of a TCP segment. */
    public int sequence() {
        return sequence;
    }

    private static Kind kindOf(int type, int code) {
        return switch (type) {
            case Icmpv4Header.DESTINATION_UNREACHABLE -> kindOfUnreachable(code);
            case Icmpv4Header.TIME_EXCEEDED, Icmpv4Header.PARAMETER_PROBLEM -> Kind.SOFT;
            case Icmpv4Header.SOURCE_QUENCH, Icmpv4Header.REDIRECT -> Kind.IGNORED;
            default -> Kind.NOT_AN_ERROR;
        };
    }

    /** Codes that came after RFC 792 are soft: administrators and routes change their minds. */
    private static Kind kindOfUnreachable(int code) {
        return switch (code) {
            case Icmpv4Header.CODE_PROTOCOL, Icmpv4Header.CODE_PORT -> Kind.HARD;
            case Icmpv4Header.CODE_FRAGMENTATION_NEEDED -> Kind.FRAGMENTATION_NEEDED;
            default -> Kind.SOFT;
        };
    }

    /** False if there is less than there must be. Its length and checksum are not looked at. */
    private boolean readQuoted(MemorySegment memory, long at, int length) {
        hasPorts = false;
        if (length < Ipv4Header.BYTES_MIN || version(memory, at) != VERSION) {
            return false;
        }
        int headerLength = Ipv4Header.headerLength(memory, at);
        if (headerLength < Ipv4Header.BYTES_MIN || length < headerLength + QUOTED_BYTES_MIN) {
            return false;
        }
        packetLength = Ipv4Header.totalLength(memory, at);
        source = Ipv4Header.source(memory, at);
        destination = Ipv4Header.destination(memory, at);
        protocol = Ipv4Header.protocol(memory, at);
        if (Ipv4Header.fragmentOffset(memory, at) == 0) {
            readTransport(memory, at + headerLength);
        }
        return true;
    }

    private void readTransport(MemorySegment memory, long at) {
        if (protocol == Ipv4Header.PROTOCOL_TCP) {
            hasPorts = true;
            sourcePort = TcpHeader.sourcePort(memory, at);
            destinationPort = TcpHeader.destinationPort(memory, at);
            sequence = TcpHeader.sequence(memory, at);
        } else if (protocol == Ipv4Header.PROTOCOL_UDP) {
            hasPorts = true;
            sourcePort = UdpHeader.sourcePort(memory, at);
            destinationPort = UdpHeader.destinationPort(memory, at);
        }
    }

    private static int version(MemorySegment memory, long at) {
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at)) >>> VERSION_SHIFT;
    }
}
