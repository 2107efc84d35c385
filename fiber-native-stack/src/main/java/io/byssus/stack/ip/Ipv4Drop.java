package io.byssus.stack.ip;

/** Why a received IPv4 packet is dropped before anybody looks at its payload. */
public enum Ipv4Drop {
    /** It is not. */
    NONE,
    /** Lengths that contradict each other or what arrived; another version; a wrong checksum. */
    BAD_HEADER,
    /** Options with impossible lengths. */
    BAD_OPTION,
    /** The sender chose the route (RFC 7126, 4.3 and 4.4). */
    SOURCE_ROUTED,
    /** Its addresses: {@link MartianFilter} counts the reasons. */
    MARTIAN
}
