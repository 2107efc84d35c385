package io.byssus.stack.ip;

/**
 * What we know of a neighbour.
 *
 * <pre>
 * from         to           when
 * (none)       INCOMPLETE   a frame is to be sent to it
 * (none)       STALE        it asked for our address (RFC 826)
 * INCOMPLETE   REACHABLE    it answered, or asked for our address
 * INCOMPLETE   FAILED       3 requests, a second apart, were not answered
 * FAILED       REACHABLE    it answered after all, or asked for our address
 * FAILED       (none)       3 seconds have passed: the next frame may ask again
 * REACHABLE    PROBE        a minute has passed, and it was in use
 * REACHABLE    STALE        a minute has passed, and it was not
 * REACHABLE    PROBE        somebody claims that it has another Ethernet address
 * STALE        PROBE        it is used again, or somebody claims so
 * STALE        (none)       10 minutes have passed
 * PROBE        REACHABLE    it answered from the Ethernet address that we know
 * PROBE        INCOMPLETE   2 requests to that Ethernet address were not answered
 * any          (none)       the table is full, and it is the oldest
 * </pre>
 */
enum NeighbourState {
    /** Everybody is being asked for its Ethernet address; frames wait. */
    INCOMPLETE,
    /** Its Ethernet address was confirmed in the last minute. */
    REACHABLE,
    /** Its Ethernet address was right once. */
    STALE,
    /** As before, and it is being asked whether that is still so (RFC 1122, 2.3.2.1 (2)). */
    PROBE,
    /** It has not answered: frames to it come back at once. */
    FAILED
}
