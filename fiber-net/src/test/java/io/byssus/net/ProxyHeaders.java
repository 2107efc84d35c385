package io.byssus.net;

import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32C;

/** Headers of the PROXY protocol as a load balancer writes them. */
final class ProxyHeaders {
    private static final byte[] SIGNATURE =
            "\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.ISO_8859_1);

    private ProxyHeaders() {}

    static byte[] version1(InetSocketAddress source, InetSocketAddress destination) {
        String family = source.getAddress() instanceof Inet6Address ? "TCP6" : "TCP4";
        return ascii(
                "PROXY "
                        + family
                        + " "
                        + source.getAddress().getHostAddress()
                        + " "
                        + destination.getAddress().getHostAddress()
                        + " "
                        + source.getPort()
                        + " "
                        + destination.getPort()
                        + "\r\n");
    }

    static byte[] version2(
            InetSocketAddress source, InetSocketAddress destination, byte[]... extensions) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(source.getAddress().getAddress());
        body.writeBytes(destination.getAddress().getAddress());
        body.writeBytes(ByteBuffer.allocate(2).putShort((short) source.getPort()).array());
        body.writeBytes(ByteBuffer.allocate(2).putShort((short) destination.getPort()).array());
        for (byte[] extension : extensions) {
            body.writeBytes(extension);
        }
        int family = source.getAddress() instanceof Inet6Address ? 0x21 : 0x11;
        return version2(0x21, family, body.toByteArray());
    }

    static byte[] version2(int versionAndCommand, int familyAndTransport, byte[] body) {
        return ByteBuffer.allocate(16 + body.length)
                .put(SIGNATURE)
                .put((byte) versionAndCommand)
                .put((byte) familyAndTransport)
                .putShort((short) body.length)
                .put(body)
                .array();
    }

    static byte[] extension(int type, byte[] value) {
        return ByteBuffer.allocate(3 + value.length)
                .put((byte) type)
                .putShort((short) value.length)
                .put(value)
                .array();
    }

    /** With the right sum in the last four bytes, where there were zeros. */
    static byte[] summed(byte[] header) {
        CRC32C sum = new CRC32C();
        sum.update(header);
        ByteBuffer.wrap(header).putInt(header.length - 4, (int) sum.getValue());
        return header;
    }

    static InetSocketAddress address(Random random, boolean six) {
        byte[] bytes = new byte[six ? 16 : 4];
        random.nextBytes(bytes);
        if (six) {
            bytes[0] = 0x20; // none that is mapped from IPv4
            for (int i = 2; i < 16 && random.nextBoolean(); i++) {
                bytes[i] = 0;
            }
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), random.nextInt(65_536));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
