package io.byssus.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Headers of the PROXY protocol as bytes: haproxy's {@code proxy-protocol.txt}, sections 2.1 and
 * 2.2. Ours, since the parser that is well kept (netty's) is made of netty's buffers and pipeline.
 *
 * <p>A version 2 header:
 *
 * <pre>{@code
 *  0  signature, 12 bytes
 * 12  version (2), command       4 bits each
 * 13  family, transport          4 bits each
 * 14  length of what follows     big-endian
 * 16  source address, destination address, source port, destination port
 *     extensions: type (1), length (2), value
 * }</pre>
 */
final class ProxyHeaderParser {
    /** Of a version 2 header, up to its length. */
    static final int FIXED_BYTES = 16;

    /** Of a version 1 header, its end included. */
    static final int LINE_BYTES_MAX = 107;

    private static final byte[] SIGNATURE = {
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
    };

    /** As many as any header of either version has. */
    static final int START_BYTES = SIGNATURE.length;

    /** After the fixed part; the addresses of Unix sockets are 216, extensions are short. */
    private static final int BODY_BYTES_MAX = 16_384;

    private static final byte[] LINE_START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final int LINE_FIELDS = 6;
    private static final int PORT_MAX = 65_535;

    private static final int VERSION = 2;
    private static final int LOCAL = 0;
    private static final int PROXY = 1;
    private static final int UNSPECIFIED = 0;
    private static final int INTERNET = 1;
    private static final int INTERNET_6 = 2;
    private static final int UNIX = 3;
    private static final int DATAGRAM = 2;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final int UNIX_BYTES = 216;
    private static final int EXTENSION_HEADER_BYTES = 3;
    private static final int CHECKSUM = 0x03;
    private static final int FILL = 0x04;

    private ProxyHeaderParser() {}

    static boolean isVersion2(byte[] start) {
        return Arrays.equals(start, 0, START_BYTES, SIGNATURE, 0, START_BYTES);
    }

    static boolean isVersion1(byte[] start) {
        return Arrays.equals(start, 0, LINE_START.length, LINE_START, 0, LINE_START.length);
    }

    /** The bytes after the fixed part of a version 2 header. */
    static int bodyBytes(byte[] fixed) throws MalformedProxyHeaderException {
        if (nibble(fixed[12], 4) != VERSION) {
            throw new MalformedProxyHeaderException("version=" + nibble(fixed[12], 4));
        }
        int length = ByteBuffer.wrap(fixed).getShort(14) & 0xffff;
        if (length > BODY_BYTES_MAX) {
            throw new MalformedProxyHeaderException(
                    "length=" + length + ": at most " + BODY_BYTES_MAX);
        }
        return length;
    }

    /** A whole version 2 header. */
    static ProxyHeader parseVersion2(byte[] bytes) throws MalformedProxyHeaderException {
        int command = nibble(bytes[12], 0);
        if (command != LOCAL && command != PROXY) {
            throw new MalformedProxyHeaderException("command=" + command);
        }
        int family = nibble(bytes[13], 4);
        int transport = nibble(bytes[13], 0);
        if (command == LOCAL) {
            return new ProxyHeader(VERSION, null, null, Map.of());
        }
        if (family > UNIX || transport > DATAGRAM) {
            throw new MalformedProxyHeaderException("family=" + family + " transport=" + transport);
        }
        int addressBytes =
                switch (family) {
                    case INTERNET -> IPV4_BYTES;
                    case INTERNET_6 -> IPV6_BYTES;
                    default -> 0;
                };
        int addressesBytes =
                family == UNIX ? UNIX_BYTES : addressBytes == 0 ? 0 : 2 * addressBytes + 4;
        if (bytes.length < FIXED_BYTES + addressesBytes) {
            throw new MalformedProxyHeaderException(
                    "family=" + family + " length=" + (bytes.length - FIXED_BYTES));
        }
        if (family == UNSPECIFIED) {
            return new ProxyHeader(VERSION, null, null, Map.of()); // whatever follows
        }
        Map<Integer, byte[]> extensions = extensions(bytes, FIXED_BYTES + addressesBytes);
        if (addressBytes == 0) {
            return new ProxyHeader(VERSION, null, null, extensions);
        }
        int ports = FIXED_BYTES + 2 * addressBytes;
        return new ProxyHeader(
                VERSION,
                address(bytes, FIXED_BYTES, addressBytes, ports),
                address(bytes, FIXED_BYTES + addressBytes, addressBytes, ports + 2),
                extensions);
    }

    /** A version 1 header, with the carriage return and the newline that end it. */
    static ProxyHeader parseVersion1(byte[] line) throws MalformedProxyHeaderException {
        String text = new String(line, 0, line.length - 2, StandardCharsets.ISO_8859_1);
        String[] fields = text.split(" ", -1);
        if (fields.length < 2 || !fields[0].equals("PROXY")) {
            throw malformed(text);
        }
        if (fields[1].equals("UNKNOWN")) {
            return new ProxyHeader(1, null, null, Map.of()); // whatever follows
        }
        boolean six = fields[1].equals("TCP6");
        if (fields.length != LINE_FIELDS || !(six || fields[1].equals("TCP4"))) {
            throw malformed(text);
        }
        return new ProxyHeader(
                1,
                address(text, fields[2], fields[4], six),
                address(text, fields[3], fields[5], six),
                Map.of());
    }

    private static InetSocketAddress address(String text, String host, String port, boolean six)
            throws MalformedProxyHeaderException {
        byte[] bytes = six ? IpLiterals.parseIpv6(host) : IpLiterals.parseIpv4(host);
        int number = IpLiterals.number(port, PORT_MAX);
        if (bytes == null || number < 0) {
            throw malformed(text);
        }
        return new InetSocketAddress(inetAddress(bytes), number);
    }

    private static InetSocketAddress address(byte[] bytes, int at, int count, int port) {
        byte[] address = Arrays.copyOfRange(bytes, at, at + count);
        return new InetSocketAddress(
                inetAddress(address), ByteBuffer.wrap(bytes).getShort(port) & 0xffff);
    }

    private static InetAddress inetAddress(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + bytes.length + " bytes", e);
        }
    }

    private static Map<Integer, byte[]> extensions(byte[] bytes, int from)
            throws MalformedProxyHeaderException {
        Map<Integer, byte[]> extensions = new HashMap<>();
        ByteBuffer rest = ByteBuffer.wrap(bytes).position(from);
        while (rest.hasRemaining()) {
            int at = rest.position();
            if (rest.remaining() < EXTENSION_HEADER_BYTES) {
                throw new MalformedProxyHeaderException("an extension is cut off at " + at);
            }
            int type = rest.get() & 0xff;
            int length = rest.getShort() & 0xffff;
            if (length > rest.remaining()) {
                throw new MalformedProxyHeaderException(
                        "extension=" + type + " length=" + length + ": is cut off");
            }
            byte[] value = new byte[length];
            rest.get(value);
            if (type == CHECKSUM) {
                check(bytes, at + EXTENSION_HEADER_BYTES, value);
            } else if (type != FILL) {
                extensions.putIfAbsent(type, value);
            }
        }
        return extensions;
    }

    /** CRC32c of the whole header, with zeros where the sum is (section 2.2.3). */
    private static void check(byte[] bytes, int at, byte[] value)
            throws MalformedProxyHeaderException {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, at);
        sum.update(new byte[value.length]);
        sum.update(bytes, at + value.length, bytes.length - at - value.length);
        if (value.length != Integer.BYTES
                || ByteBuffer.wrap(value).getInt() != (int) sum.getValue()) {
            throw new MalformedProxyHeaderException("its checksum is wrong");
        }
    }

    private static int nibble(byte value, int shift) {
        return value >> shift & 0xf;
    }

    private static MalformedProxyHeaderException malformed(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            shown.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return new MalformedProxyHeaderException("'" + shown + "'");
    }
}
