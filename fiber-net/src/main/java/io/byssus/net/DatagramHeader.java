package io.byssus.net;

import io.byssus.net.spi.DatagramAddress;
import io.byssus.net.spi.ReceivedDatagram;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What a received datagram says besides its payload: who sent it and how long it was. Made once and
 * filled by every {@link DatagramSocket#receive(DatagramHeader)}, so that receiving makes no
 * garbage.
 *
 * <p><b>Ownership:</b> of whoever made it, on one shard. It holds no memory that must be given
 * back.
 */
public final class DatagramHeader {
    final ReceivedDatagram received = new ReceivedDatagram();

    /** How many bytes of the payload there are; the others were cut off. */
    int payloadLength;

    /** Of no datagram yet. */
    public DatagramHeader() {}

    /**
     * Who sent it; a Unix socket's address is as {@link UnixAddress#toInetSocketAddress} says. The
     * object is made when it is asked for, and once for datagrams in a row from the same host and
     * port; to answer, {@link DatagramSocket#send(io.byssus.runtime.memory.Buffer, DatagramHeader)}
     * needs no object.
     */
    public InetSocketAddress source() {
        return received.source().decoded();
    }

    /** Who sent it over a Unix socket; empty if that socket has no name, and for UDP. */
    public Optional<UnixAddress> unixSource() {
        String name = received.source().unixName();
        return name == null || name.isEmpty()
                ? Optional.empty()
                : Optional.of(UnixAddress.received(name));
    }

    /**
     * The address that it was sent to: one of this host's, a group or a broadcast address. Known if
     * the options asked for it ({@link DatagramOptions#withDestinations}).
     */
    public Optional<InetAddress> destination() {
        DatagramAddress to = received.destination();
        return to == null ? Optional.empty() : Optional.of(to.decoded().getAddress());
    }

    /**
     * Which user has sent it over a Unix socket, as the kernel knows. Known if the options asked
     * for it ({@link DatagramOptions#withCredentials}).
     */
    public Optional<PeerCredentials> credentials() {
        return received.hasCredentials()
                ? Optional.of(
                        new PeerCredentials(
                                received.processId(), received.userId(), received.groupId()))
                : Optional.empty();
    }

    /** Bytes that were sent: more than the payload has, if that was truncated. */
    public int length() {
        return received.length();
    }

    /** Whether it was longer than {@link DatagramOptions#withPayloadBytesMax} allows. */
    public boolean isTruncated() {
        return received.length() > payloadLength;
    }

    @Override
    public String toString() {
        return "DatagramHeader["
                + length()
                + " bytes from "
                + Addresses.format(source())
                + (isTruncated() ? ", truncated to " + payloadLength + "]" : "]");
    }
}
