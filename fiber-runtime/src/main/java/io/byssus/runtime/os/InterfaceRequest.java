package io.byssus.runtime.os;

import java.nio.charset.StandardCharsets;

/**
 * {@code struct ifreq}, with which a network interface is asked for and configured:
 *
 * <pre>{@code
 * struct ifreq {
 *   0  char ifr_name[IFNAMSIZ];          // 16, the closing 0 included
 *      union {
 *  16      short           ifr_flags;
 *  16      int             ifr_mtu;      // also ifr_ifindex
 *  16      struct sockaddr ifr_hwaddr;   // the address is at 18
 *      };
 * };                                     // 40 bytes on 64-bit Linux
 * }</pre>
 */
public final class InterfaceRequest {
    public static final int BYTES = 40;

    /** The longest name of an interface, in bytes. */
    public static final int NAME_LENGTH_MAX = 15;

    private static final int UNION_OFFSET = 16;
    private static final int HARDWARE_ADDRESS_OFFSET = UNION_OFFSET + 2;
    private static final int HARDWARE_ADDRESS_BYTES = 6;

    private InterfaceRequest() {}

    /**
     * Clears the request and writes the name.
     *
     * @throws IllegalArgumentException if it does not fit
     */
    public static void begin(long request, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > NAME_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "interface name '" + name + "': longer than " + NAME_LENGTH_MAX + " bytes");
        }
        RawMemory.fill(request, BYTES, (byte) 0);
        RawMemory.copyIn(bytes, 0, request, bytes.length);
    }

    public static int flags(long request) {
        return Short.toUnsignedInt(RawMemory.getShort(request + UNION_OFFSET));
    }

    public static void flags(long request, int flags) {
        RawMemory.putShort(request + UNION_OFFSET, (short) flags);
    }

    public static int mtu(long request) {
        return RawMemory.getInt(request + UNION_OFFSET);
    }

    /** The six octets of an Ethernet address as the low 48 bits, the first octet highest. */
    public static long hardwareAddress(long request) {
        long address = 0;
        for (int i = 0; i < HARDWARE_ADDRESS_BYTES; i++) {
            byte octet = RawMemory.getByte(request + HARDWARE_ADDRESS_OFFSET + i);
            address = (address << Byte.SIZE) | Byte.toUnsignedLong(octet);
        }
        return address;
    }
}
