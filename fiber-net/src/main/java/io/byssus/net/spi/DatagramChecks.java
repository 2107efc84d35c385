package io.byssus.net.spi;

import io.byssus.net.Addresses;
import io.byssus.net.DatagramOptions;
import io.byssus.runtime.memory.Buffer;
import java.net.InetSocketAddress;

/** What every stack asks of a datagram that is to be sent. */
public final class DatagramChecks {
    private DatagramChecks() {}

    /**
     * Refuses what no socket sends.
     *
     * @param to null for the socket's own peer
     * @param remote the socket's own peer; null unless it is connected
     * @throws IllegalArgumentException if the payload is longer than any datagram
     * @throws IllegalStateException if there is no destination, or one too many
     */
    public static void requireSendable(
            Buffer payload, DatagramAddress to, InetSocketAddress remote) {
        if (payload.length() > DatagramOptions.PAYLOAD_BYTES_LIMIT) {
            throw new IllegalArgumentException(
                    "length="
                            + payload.length()
                            + ": a datagram has at most "
                            + DatagramOptions.PAYLOAD_BYTES_LIMIT
                            + " bytes");
        }
        if ((to == null) != (remote != null)) {
            throw new IllegalStateException(
                    remote == null
                            ? "the socket is not connected: send needs a destination"
                            : "the socket is connected to " + Addresses.format(remote));
        }
    }

    /**
     * Refuses IPv6 on a socket that has IPv4 only.
     *
     * @throws IllegalArgumentException if {@code to} is not IPv4
     */
    public static void requireIpv4(DatagramAddress to, InetSocketAddress local) {
        if (!to.isIpv4()) {
            throw new IllegalArgumentException(
                    "destination="
                            + Addresses.format(to.decoded())
                            + ": a socket bound to "
                            + Addresses.format(local)
                            + " has IPv4 only");
        }
    }
}
