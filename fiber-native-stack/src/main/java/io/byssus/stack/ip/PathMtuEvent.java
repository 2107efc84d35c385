package io.byssus.stack.ip;

/** What a {@link PathMtuCache} counts. */
public enum PathMtuEvent {
    /** Paths whose MTU became smaller. */
    LOWERED,
    /** Reports of no smaller MTU than we know: a report never raises it. */
    NOT_LOWER,
    /** Reports of an MTU that no link has, or that the packet would have fitted in. */
    IMPLAUSIBLE,
    /** Paths forgotten to make room for others. */
    EVICTED
}
