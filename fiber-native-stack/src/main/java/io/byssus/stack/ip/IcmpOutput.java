package io.byssus.stack.ip;

import io.byssus.stack.wire.Icmpv4Header;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.stack.wire.MacAddress;
import java.lang.foreign.MemorySegment;

/**
 * Writes the ICMP messages that a host sends (RFC 792, RFC 1122 3.2.2), and knows when it must not.
 *
 * <p>Nothing is allocated per message.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class IcmpOutput {
    /** An error is no longer than this (RFC 1812, 4.3.2.3). */
    public static final int ERROR_BYTES_MAX = 576;

    private static final int TIME_TO_LIVE = 64;

    /** Without the bits of congestion notification. */
    private static final int DIFFERENTIATED_SERVICE = 0xfc;

    private static final int HEADERS_BYTES = Ipv4Header.BYTES_MIN + Icmpv4Header.BYTES;

    private final Ipv4Configuration configuration;
    private final IcmpLimiter limiter;
    private final IdentificationSource identifications;
    private final Counters<IcmpMessage> sent = new Counters<>(IcmpMessage.class);
    private final Counters<IcmpSilence> silences = new Counters<>(IcmpSilence.class);

    public IcmpOutput(
            Ipv4Configuration configuration,
            IcmpLimiter limiter,
            IdentificationSource identifications) {
        this.configuration = configuration;
        this.limiter = limiter;
        this.identifications = identifications;
    }

    /** Bytes of the packet that answers this echo request, a whole datagram. */
    public static int echoReplyLength(MemorySegment memory, long request) {
        return Ipv4Header.BYTES_MIN
                + Ipv4Header.totalLength(memory, request)
                - Ipv4Header.headerLength(memory, request);
    }

    /**
     * Writes the answer to an echo request (RFC 1122, 3.2.2.6): the same data, from the address
     * that was asked. Requests to everybody are not answered.
     *
     * @param request the address of its IPv4 header; its ICMP message was checked
     * @param reply where to write {@link #echoReplyLength} bytes; may be the request's own place
     * @return bytes of the packet, which may be longer than the MTU; 0 if there is no answer
     */
    public int writeEchoReply(
            long now, MemorySegment memory, long request, long frameDestination, long reply) {
        int asker = Ipv4Header.source(memory, request);
        int asked = Ipv4Header.destination(memory, request);
        IcmpSilence silence = silenceTowards(asker, asked, frameDestination);
        if (!mayGo(now, silence, IcmpMessage.ECHO_REPLY, asker)) {
            return 0;
        }
        long message = request + Ipv4Header.headerLength(memory, request);
        int length = echoReplyLength(memory, request);
        int service = Ipv4Header.trafficClass(memory, request) & DIFFERENTIATED_SERVICE;
        long target = reply + Ipv4Header.BYTES_MIN;
        int messageLength = length - Ipv4Header.BYTES_MIN;
        int identifier = Icmpv4Header.identifier(memory, message);
        int sequence = Icmpv4Header.sequence(memory, message);
        MemorySegment.copy(memory, message, memory, target, messageLength);
        Icmpv4Header.begin(memory, target, Icmpv4Header.ECHO_REPLY, 0);
        Icmpv4Header.echo(memory, target, identifier, sequence);
        Icmpv4Header.complete(memory, target, messageLength);
        writeIpHeader(memory, reply, length, asked, asker);
        Ipv4Header.trafficClass(memory, reply, service);
        Ipv4Header.complete(memory, reply);
        return length;
    }

    /** Bytes of an error about this packet. */
    public static int errorLength(MemorySegment memory, long packet) {
        return Math.min(ERROR_BYTES_MAX, HEADERS_BYTES + Ipv4Header.totalLength(memory, packet));
    }

    /**
     * Writes an error about a packet to its source: quotes its header and as much of the rest as
     * fits into 576 bytes.
     *
     * @param packet the address of its IPv4 header, which was checked
     * @param frameDestination the Ethernet address that it was sent to
     * @param error where to write {@link #errorLength} bytes
     * @return bytes of the packet; 0 if none may be sent
     */
    public int writeError(
            long now,
            IcmpMessage kind,
            MemorySegment memory,
            long packet,
            long frameDestination,
            long error) {
        assert Icmpv4Header.isError(kind.type()) : kind;
        int source = Ipv4Header.source(memory, packet);
        if (!mayGo(now, silence(memory, packet, frameDestination), kind, source)) {
            return 0;
        }
        int length = errorLength(memory, packet);
        long message = error + Ipv4Header.BYTES_MIN;
        Icmpv4Header.begin(memory, message, kind.type(), kind.code());
        MemorySegment.copy(
                memory, packet, memory, message + Icmpv4Header.BYTES, length - HEADERS_BYTES);
        Icmpv4Header.complete(memory, message, length - Ipv4Header.BYTES_MIN);
        int own = Ipv4Header.destination(memory, packet);
        writeIpHeader(memory, error, length, own, source);
        Ipv4Header.complete(memory, error);
        return length;
    }

    /** Messages written, by their kind. */
    public Counters<IcmpMessage> sent() {
        return sent;
    }

    /** Messages that were not written, by the reason; those that were are {@code NONE}. */
    public Counters<IcmpSilence> silences() {
        return silences;
    }

    /** Whether RFC 1122, 3.2.2 forbids an error about a packet. */
    private IcmpSilence silence(MemorySegment memory, long packet, long frameDestination) {
        if (Ipv4Header.fragmentOffset(memory, packet) != 0) {
            return IcmpSilence.LATER_FRAGMENT;
        }
        if (Ipv4Header.protocol(memory, packet) == Ipv4Header.PROTOCOL_ICMP
                && !isQuestion(memory, packet)) {
            return IcmpSilence.ABOUT_ERROR;
        }
        return silenceTowards(
                Ipv4Header.source(memory, packet),
                Ipv4Header.destination(memory, packet),
                frameDestination);
    }

    private IcmpSilence silenceTowards(int source, int destination, long frameDestination) {
        boolean loopback = Ipv4Address.isLoopback(destination);
        if (MacAddress.isGroup(frameDestination)
                || !(configuration.isOwn(destination) || loopback)) {
            return IcmpSilence.TO_GROUP;
        }
        if (!configuration.isUnicast(source)
                || (Ipv4Address.isLoopback(source) && !loopback)
                || configuration.nextHop(source) == Ipv4Configuration.UNREACHABLE) {
            return IcmpSilence.BAD_SOURCE;
        }
        return IcmpSilence.NONE;
    }

    private boolean mayGo(long now, IcmpSilence silence, IcmpMessage kind, int destination) {
        IcmpSilence why = silence;
        if (why == IcmpSilence.NONE && !limiter.allows(now, kind, destination)) {
            why = IcmpSilence.LIMITED;
        }
        silences.add(why);
        if (why != IcmpSilence.NONE) {
            return false;
        }
        sent.add(kind);
        return true;
    }

    private void writeIpHeader(MemorySegment memory, long at, int length, int from, int to) {
        Ipv4Header.begin(memory, at);
        Ipv4Header.totalLength(memory, at, length);
        Ipv4Header.identification(memory, at, identifications.next());
        Ipv4Header.timeToLive(memory, at, TIME_TO_LIVE);
        Ipv4Header.protocol(memory, at, Ipv4Header.PROTOCOL_ICMP);
        Ipv4Header.source(memory, at, from);
        Ipv4Header.destination(memory, at, to);
    }

    /** Of an ICMP message; errors are about echoes only, the one kind of question that we know. */
    private static boolean isQuestion(MemorySegment memory, long packet) {
        int headerLength = Ipv4Header.headerLength(memory, packet);
        if (Ipv4Header.totalLength(memory, packet) == headerLength) {
            return false;
        }
        int type = Icmpv4Header.type(memory, packet + headerLength);
        return type == Icmpv4Header.ECHO_REQUEST || type == Icmpv4Header.ECHO_REPLY;
    }
}
