package io.byssus.stack.ip;

/** What a {@link NeighbourCache} counts. */
public enum ArpEvent {
    /** Packets that were no ARP for IPv4 over Ethernet, or of an unknown operation. */
    MALFORMED,
    /** Packets whose sender cannot be a station: a group's address, or none. */
    BAD_SENDER,
    /** Our own packets that came back. */
    OWN_RETURNED,
    REQUESTS_RECEIVED,
    REPLIES_RECEIVED,
    REQUESTS_SENT,
    REPLIES_SENT,
    ANNOUNCEMENTS_SENT,
    /** Requests that had to wait, because too many were sent. */
    REQUESTS_DELAYED,
    /** Packets that told something we had not asked for and that was not meant for us. */
    UNSOLICITED,
    /** Packets that gave a neighbour another Ethernet address than we know: not believed. */
    CONTRADICTIONS,
    /** Packets of others that claim an address of ours. */
    CONFLICTS,
    /** Neighbours whose Ethernet address has become known or was confirmed. */
    CONFIRMED,
    /** Neighbours that did not answer. */
    FAILED,
    /** Neighbours forgotten to make room for others. */
    EVICTED,
    /** Neighbours not learnt from their requests, because all others are in use. */
    NOT_LEARNT,
    /** Frames given back because their neighbour did not answer, or was forgotten. */
    FRAMES_UNREACHABLE
}
