package io.byssus.stack.ip;

/** Why no ICMP message is sent about a packet (RFC 1122, 3.2.2 and 3.2.2.6). */
public enum IcmpSilence {
    /** One may be sent. */
    NONE,
    /** It is an ICMP error itself, or ICMP of a kind that we do not know. */
    ABOUT_ERROR,
    /** It is a fragment that is not the first. */
    LATER_FRAGMENT,
    /** It was sent to more than one host, on either layer. */
    TO_GROUP,
    /** Its source is no single host, or cannot be reached. */
    BAD_SOURCE,
    /** Too many were sent. */
    LIMITED
}
