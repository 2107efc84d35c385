package io.byssus.net.spi;

import io.byssus.net.ConnectOptions;
import io.byssus.net.DatagramOptions;
import io.byssus.net.ListenOptions;
import io.byssus.net.UnixAddress;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A shard's network.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public interface NetworkStack {
    /** What a stack says that has none. */
    String NO_UNIX_SOCKETS =
            "this network stack has no Unix sockets: they need --network-stack posix";

    /** Listens on a resolved address; see {@link io.byssus.net.Network#listen}. */
    StackListener listen(InetSocketAddress address, ListenOptions options) throws IOException;

    /**
     * Connects to a resolved address, parking; see {@link io.byssus.net.Network#connect}.
     *
     * @param deadlineNanos on the shard's clock; {@code Long.MAX_VALUE} for none
     */
    StackSocket connect(InetSocketAddress address, ConnectOptions options, long deadlineNanos)
            throws IOException;

    /**
     * A UDP socket; see {@link io.byssus.net.Network#bindUdp} and {@link
     * io.byssus.net.Network#connectUdp}.
     *
     * @param local resolved; null for an address and port of the stack's choice
     * @param remote resolved; null unless it is to be connected
     */
    default StackDatagrams openUdp(
            InetSocketAddress local, InetSocketAddress remote, DatagramOptions options)
            throws IOException {
        throw new UnsupportedOperationException(
                "this network stack has no UDP yet: it needs --network-stack posix");
    }

    /**
     * A Unix datagram socket; see {@link io.byssus.net.Network#bindDatagram}.
     *
     * @param local null for an abstract name of the stack's choice
     * @param remote null unless it is to be connected
     */
    default StackDatagrams openUnixDatagrams(
            UnixAddress local, UnixAddress remote, DatagramOptions options) throws IOException {
        throw new UnsupportedOperationException(NO_UNIX_SOCKETS);
    }

    /** Whether it speaks IPv6. */
    default boolean hasIpv6() {
        return true;
    }

    /** Whether 127.0.0.1 is this machine, with the servers that others have started there. */
    default boolean sharesLoopback() {
        return true;
    }

    /** Listens on a Unix socket; see {@link io.byssus.net.Network#listen}. */
    default StackListener listen(UnixAddress address, ListenOptions options) throws IOException {
        throw new UnsupportedOperationException(NO_UNIX_SOCKETS);
    }

    /** Connects to a Unix socket; see {@link io.byssus.net.Network#connect}. */
    default StackSocket connect(UnixAddress address, ConnectOptions options, long deadlineNanos)
            throws IOException {
        throw new UnsupportedOperationException(NO_UNIX_SOCKETS);
    }

    /** Connections and counters, for people; see {@link io.byssus.net.Network#report}. */
    String report();

    /**
     * From now on passes nothing on to the stacks of other shards, and drops what they have passed
     * on to this one. Called twice, as {@link io.byssus.runtime.shard.ShardExtension#disconnect}.
     */
    default void disconnect() {}

    /** Gives back what the stack holds, on its carrier, after the shard's last turn. */
    void close();
}
