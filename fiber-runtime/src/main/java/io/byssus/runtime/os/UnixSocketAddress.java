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

    /** Writes no name at all: {@code bind} then chooses an abstract one. */
    public static int writeUnnamed(long address) {
        RawMemory.putShort(address, (short) AF_UNIX);
        return PATH_OFFSET;
    }

    /**
     * Copies the name of an address of {@code length} bytes to {@code into}, as it is there: an
     * abstract one with its leading zero, a path without its end.
     *
     * @param into of at least {@link #NAME_LENGTH_MAX} + 1 bytes
     * @return how many; 0 if it has none
     */
    public static int readName(long address, int length, byte[] into) {
        int bytes = Math.min(length, BYTES) - PATH_OFFSET;
        if (bytes <= 0) {
            return 0;
        }
        RawMemory.copyOut(address + PATH_OFFSET, into, 0, bytes);
        if (into[0] == 0) {
            return bytes;
        }
        int end = 1;
        while (end < bytes && into[end] != 0) {
            end++;
        }
        return end;
    }

    /** Writes a name that {@link #readName} has read; the bytes written. */
    public static int writeName(byte[] name, int length, long address) {
        RawMemory.putShort(address, (short) AF_UNIX);
        RawMemory.copyIn(name, 0, address + PATH_OFFSET, length);
        if (length == 0 || name[0] == 0 || length > NAME_LENGTH_MAX) {
            return PATH_OFFSET + length;
        }
        RawMemory.putByte(address + PATH_OFFSET + length, (byte) 0);
        return PATH_OFFSET + length + 1;
    }

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
