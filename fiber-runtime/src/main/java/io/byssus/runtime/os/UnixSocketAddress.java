package io.byssus.runtime.os;

import java.util.Arrays;

/**
 * {@code struct sockaddr_un}:
 *
 * <pre>{@code
 * struct sockaddr_un {
 *   0  sa_family_t sun_family;
 *   2  char        sun_path[108];   // ends with a 0; an abstract name begins with one, and has no end
 * };                                // 110 bytes
 * }</pre>
 */
public final class UnixSocketAddress {
    public static final int AF_UNIX = 1;

    public static final int BYTES = 110;

    /** Bytes of a path, or of an abstract name. */
    public static final int NAME_LENGTH_MAX = 107;

    private static final int PATH_OFFSET = 2;

    private UnixSocketAddress() {}

    /** Writes a path; the bytes written, as {@code bind} and {@code connect} want them. */
    public static int writePath(byte[] path, long address) {
        return write(path, 0, address) + 1;
    }

    /** As {@link #writePath}, for a name that is in no file system. */
    public static int writeAbstract(byte[] name, long address) {
        return write(name, 1, address);
    }

    private static int write(byte[] name, int at, long address) {
        if (name.length == 0 || name.length > NAME_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "a Unix socket's name of "
                            + name.length
                            + " bytes: between 1 and "
                            + NAME_LENGTH_MAX
                            + " are possible: "
                            + Arrays.toString(name));
        }
        RawMemory.fill(address, BYTES, (byte) 0);
        RawMemory.putShort(address, (short) AF_UNIX);
        RawMemory.copyIn(name, 0, address + PATH_OFFSET + at, name.length);
        return PATH_OFFSET + at + name.length;
    }
}
