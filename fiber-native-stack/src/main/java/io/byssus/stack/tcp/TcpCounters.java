package io.byssus.stack.tcp;

/**
 * What a shard's TCP has counted; the names are those of {@code nstat} where it has one.
 *
 * <p><b>Ownership:</b> written by the shard alone; others may read late values.
 */
public final class TcpCounters {
    /** Connections opened from here, and by peers. */
    public long activeOpens;

    public long passiveOpens;

    /** Connections that ended before they were established. */
    public long attemptFails;

    /** Connections that were reset when established. */
    public long establishedResets;

    public long inSegments;
    public long outSegments;
    public long retransmittedSegments;

    /** Segments with impossible lengths. */
    public long inErrors;

    public long inChecksumErrors;
    public long outResets;

    /** Segments outside the window. */
    public long outOfWindow;

    /** Segments dropped as too old by their timestamps (PAWS). */
    public long pawsEstablished;

    /** Segments dropped because they lack the timestamps they must have. */
    public long timestampsMissing;

    public long challengeAcks;
    public long challengeAcksSuppressed;
    public long implausibleAcks;

    /** SYNs that found the queue of half-open connections, or that of established ones, full. */
    public long listenOverflows;

    public long listenDrops;
    public long synCookiesSent;
    public long synCookiesReceived;
    public long synCookiesFailed;
    public long halfOpenReaped;

    /** SYNs for ports where nobody listens, and stray segments. */
    public long noListener;

    /** ICMP errors that quote nothing that is in flight. */
    public long implausibleErrors;

    public long timeouts;
    public long abortsOnTimeout;
    public long abortsOnData;
    public long abortsOnClose;

    /** Connections to peers that took nothing, or next to nothing, when memory was scarce. */
    public long abortsOnMemory;

    public long keepaliveProbes;
    public long windowProbes;
    public long timeWaited;
    public long repliesDropped;

    /** How often memory became scarce. */
    public long memoryPressures;

    /** Segments in order that found no memory. */
    public long outOfMemory;

    /** Segments out of order that found no memory, or too many others, for all of their text. */
    public long outOfOrderDropped;

    /** How often what a connection held out of order was dropped, and how many buffers. */
    public long pruneCalled;

    public long outOfOrderPruned;

    /** Half-open connections that were dropped because memory was critical. */
    public long halfOpenPruned;

    /** Bytes of memory that all queues hold now, and the most that they ever did. */
    public long memoryBytes;

    public long memoryBytesHighest;

    /** Connections in the table now. */
    public int connections;

    public TcpCounters() {}
}
