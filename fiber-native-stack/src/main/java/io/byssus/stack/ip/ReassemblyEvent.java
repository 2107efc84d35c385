package io.byssus.stack.ip;

/** What a {@link Reassembler} counts; in brackets the name of RFC 4293 where there is one. */
public enum ReassemblyEvent {
    /** Fragments that came (ReasmReqds). */
    RECEIVED,
    /** Datagrams that became whole (ReasmOKs). */
    REASSEMBLED,
    /** Fragments without payload. */
    EMPTY,
    /** Fragments that are not the last and whose payload is no multiple of 8. */
    ODD_LENGTH,
    /** Fragments, or datagrams, beyond the largest that there is. */
    TOO_LONG,
    /** Fragments that had come before, exactly like this. */
    DUPLICATE,
    /** Datagrams dropped because two fragments overlap, or contradict each other's end. */
    OVERLAP,
    /** Datagrams dropped because they came in too many pieces. */
    TOO_MANY,
    /** Datagrams dropped because a mark of congestion met a fragment that cannot have one. */
    MIXED_ECN,
    /** Fragments that came for a datagram which had been dropped. */
    TOO_LATE,
    /** Datagrams dropped to make room. */
    EVICTED,
    /** Fragments, or datagrams, dropped because the shard has no memory. */
    NO_MEMORY,
    /** Datagrams of which a part did not come in time. */
    TIMED_OUT
}
