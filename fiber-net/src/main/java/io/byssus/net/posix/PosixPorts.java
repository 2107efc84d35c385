package io.byssus.net.posix;

import io.byssus.net.spi.ListenGroups;
import io.byssus.net.spi.UdpPorts;

/**
 * The ports that the shards of one runtime share.
 *
 * @param groups listening ones, by address
 * @param udp those of UDP
 * @param unix Unix sockets
 */
record PosixPorts(ListenGroups<PosixListener> groups, UdpPorts udp, UnixPorts unix) {
    PosixPorts(int shards) {
        this(new ListenGroups<>(shards), new UdpPorts(shards), new UnixPorts());
    }
}
