package io.byssus.stack.ip;

/** Why a packet's addresses forbid to look further into it. */
public enum Martian {
    /** They do not. */
    NONE,
    /** 127/8 is never on a wire (RFC 1122, 3.2.1.3(g)). */
    SOURCE_LOOPBACK,
    /** A group sends nothing (RFC 1122, 3.2.1.3). */
    SOURCE_MULTICAST,
    /** The limited broadcast address, or that of one of our networks. */
    SOURCE_BROADCAST,
    /** 0/8: only a host without an address sends from it, and we assign none. */
    SOURCE_THIS_NETWORK,
    /** 240/4 (RFC 1812, 5.3.7). */
    SOURCE_RESERVED,
    /** Ours; what we send to ourselves never gets to the wire. */
    SOURCE_OWN,
    /** 127/8 from outside (RFC 1122, 3.2.1.3(g)). */
    DESTINATION_LOOPBACK,
    /** We are in no group. */
    DESTINATION_MULTICAST,
    /** Somebody else's; hosts do not forward (RFC 1122, 3.3.1). */
    DESTINATION_NOT_OURS,
    /** To everybody, where only one host can be meant. */
    DESTINATION_BROADCAST,
    /** To us alone, in a frame to everybody (RFC 1122, 3.3.6). */
    UNICAST_IN_GROUP_FRAME
}
