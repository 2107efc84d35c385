package io.byssus.net;

import io.byssus.net.spi.ReceivedDatagram;
import java.net.InetSocketAddress;

/**
 * What a received datagram says besides its payload: who sent it and how long it was. Made once and
 * filled by every {@link UdpSocket#receive(DatagramHeader)}, so that receiving makes no garbage.
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
     * Who sent it. The object is made when it is asked for, and once for datagrams in a row from
     * the same host and port; to answer, {@link UdpSocket#send(io.byssus.runtime.memory.Buffer,
     * DatagramHeader)} needs no object.
     */
    public InetSocketAddress source() {
        return received.source().decoded();
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
