package io.byssus.stack;

/**
 * What a shard's IP has counted; the names are those of {@code nstat} where it has one.
 *
 * <p><b>Ownership:</b> written by the shard alone; others may read late values.
 */
final class IpCounters {
    long inReceives;

    /** Packets with wrong headers or options. */
    long inHeaderErrors;

    /** Packets with addresses that cannot be. */
    long inAddressErrors;

    long inChecksumErrors;
    long inUnknownProtocols;
    long inDelivers;

    /** Frames of other protocols, or for other stations. */
    long inOtherFrames;

    /** Messages that were dealt with here, the wrong ones included. */
    long inIcmpMessages;

    long inIcmpErrors;
    long inUdpNoPorts;
    long inUdpDatagrams;

    /** Datagrams with wrong lengths or checksums. */
    long inUdpErrors;

    /** Datagrams for which their socket had no room. */
    long inUdpDropped;

    long outUdpDatagrams;

    /** Packets for which there was no memory. */
    long inDiscards;

    long outRequests;
    long outNoRoutes;

    /** Packets that the device had no room for, or the shard no memory. */
    long outDiscards;

    long loopbackPackets;

    IpCounters() {}
}
