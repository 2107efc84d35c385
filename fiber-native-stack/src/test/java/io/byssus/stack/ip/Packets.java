package io.byssus.stack.ip;

import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** IPv4 packets for tests. */
final class Packets {
    private Packets() {}

    static int ip(String text) {
        return Ipv4Address.parse(text);
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
    }

    /** A packet without options, with the right checksum. */
    static byte[] packet(String source, String destination, int protocol, byte[] payload) {
        return packet(source, destination, protocol, new byte[0], payload);
    }

    static byte[] packet(
            String source, String destination, int protocol, byte[] options, byte[] payload) {
        int headerLength = Ipv4Header.BYTES_MIN + options.length;
        byte[] bytes = new byte[headerLength + payload.length];
        System.arraycopy(options, 0, bytes, Ipv4Header.BYTES_MIN, options.length);
        System.arraycopy(payload, 0, bytes, headerLength, payload.length);
        MemorySegment packet = MemorySegment.ofArray(bytes);
        Ipv4Header.begin(packet, 0);
        bytes[0] = (byte) (0x40 | headerLength / 4);
        Ipv4Header.totalLength(packet, 0, bytes.length);
        Ipv4Header.timeToLive(packet, 0, 64);
        Ipv4Header.protocol(packet, 0, protocol);
        Ipv4Header.source(packet, 0, ip(source));
        Ipv4Header.destination(packet, 0, ip(destination));
        Ipv4Header.complete(packet, 0);
        return bytes;
    }

    /** Makes a packet a fragment. */
    static byte[] fragment(byte[] packet, int id, int offset, Ipv4Header.Part part) {
        MemorySegment segment = MemorySegment.ofArray(packet);
        Ipv4Header.identification(segment, 0, id);
        Ipv4Header.fragment(segment, 0, offset, part);
        Ipv4Header.complete(segment, 0);
        return packet;
    }
}
