package io.byssus.runtime.os;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * What a multicast group is joined, left and sent to with (RFC 3678):
 *
 * <pre>{@code
 * struct group_source_req {                    struct ip_mreqn {
 *   0  uint32_t                gsr_interface;    0  in_addr imr_multiaddr;
 *   8  struct sockaddr_storage gsr_group;        4  in_addr imr_address;
 * 136  struct sockaddr_storage gsr_source;       8  int     imr_ifindex;
 * };                                           };
 * }</pre>
 *
 * <p>{@code struct group_req} is the first, without its source.
 */
public final class MulticastRequest {
    /** A {@code struct group_source_req}. */
    public static final int BYTES = 264;

    /** A {@code struct group_req}. */
    public static final int GROUP_BYTES = 136;

    /** A {@code struct ip_mreqn}. */
    public static final int INTERFACE_BYTES = 12;

    private static final int GROUP_OFFSET = 8;
    private static final int SOURCE_OFFSET = 136;
    private static final int INTERFACE_OFFSET = 8;

    private MulticastRequest() {}

    /** Writes the group as it comes in on an interface. */
    public static void group(long request, InetAddress group, int interfaceIndex) {
        RawMemory.fill(request, BYTES, (byte) 0);
        RawMemory.putInt(request, interfaceIndex);
        SocketAddresses.write(new InetSocketAddress(group, 0), request + GROUP_OFFSET);
    }

    /** Adds the one host that is to be heard. */
    public static void source(long request, InetAddress source) {
        SocketAddresses.write(new InetSocketAddress(source, 0), request + SOURCE_OFFSET);
    }

    /** Writes the interface that IPv4 groups are sent from. */
    public static void sendingInterface(long request, int interfaceIndex) {
        RawMemory.fill(request, INTERFACE_BYTES, (byte) 0);
        RawMemory.putInt(request + INTERFACE_OFFSET, interfaceIndex);
    }
}
