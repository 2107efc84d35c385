package io.byssus.net.posix;

import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.UnixSocketAddress;
import java.util.Set;

/**
 * What the kernel does for a datagram socket.
 *
 * @param family of its addresses
 * @param present what was asked for and is there
 */
record DatagramFeatures(int family, Set<Feature> present) {
    /** What an option asks for, and not every kernel has. */
    enum Feature {
        /** It may put arriving datagrams together (UDP_GRO, Linux 5.0). */
        COALESCING,
        /** It cuts large messages into datagrams (UDP_SEGMENT, Linux 4.18). */
        SEGMENTATION,
        /** It tells where a datagram was sent to (IP_PKTINFO), and can be told where from. */
        DESTINATION,
        /** It tells which user has sent a datagram (SCM_CREDENTIALS). */
        CREDENTIALS
    }

    boolean has(Feature feature) {
        return present.contains(feature);
    }

    boolean isUnix() {
        return family == UnixSocketAddress.AF_UNIX;
    }

    /** Room for an address, a multiple of eight. */
    int nameBytes() {
        int bytes = isUnix() ? UnixSocketAddress.BYTES : SocketAddresses.BYTES_MAX;
        return (bytes + Long.BYTES - 1) & -Long.BYTES;
    }
}
