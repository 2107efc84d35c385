package io.byssus.net.posix;

import io.byssus.net.spi.ListenGroups;

/**
 * The listening ports that the shards of one runtime share.
 *
 * @param groups by address
 */
record PosixPorts(ListenGroups<PosixListener> groups) {
    PosixPorts(int shards) {
        this(new ListenGroups<>(shards));
    }
}
