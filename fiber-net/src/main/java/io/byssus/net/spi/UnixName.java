package io.byssus.net.spi;

import io.byssus.runtime.os.UnixSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of a Unix socket as bytes: a path, an abstract name behind a zero, or none at all.
 *
 * <p><b>Ownership:</b> of its {@link DatagramAddress}.
 */
final class UnixName {
    private static final int FAMILY_BYTES = 2;

    private final byte[] bytes = new byte[UnixSocketAddress.BYTES];
    private int length;

    UnixName() {}

    void read(long address, int addressBytes) {
        length = UnixSocketAddress.readName(address, addressBytes, bytes);
    }

    void set(UnixName other) {
        length = other.length;
        System.arraycopy(other.bytes, 0, bytes, 0, length);
    }

    void set(String name) {
        byte[] given = name.getBytes(StandardCharsets.UTF_8);
        if (given.length > bytes.length - FAMILY_BYTES) {
            throw new IllegalArgumentException("name=" + name + ": too long for a Unix socket");
        }
        length = given.length;
        System.arraycopy(given, 0, bytes, 0, length);
    }

    boolean isSame(UnixName other) {
        return Arrays.equals(bytes, 0, length, other.bytes, 0, other.length);
    }

    /** Writes a {@code struct sockaddr_un}; its bytes, 0 without a name. */
    int write(long address) {
        return length == 0 ? 0 : UnixSocketAddress.writeName(bytes, length, address);
    }

    /** The bytes as UTF-8; empty without a name. */
    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
