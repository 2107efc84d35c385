package io.byssus.runtime.reactor;

/**
 * What a shard has done, counted by the shard alone. Other threads may read the fields without
 * synchronisation: a figure may be a moment old, and never torn on the 64-bit machines we run on.
 */
public final class ReactorCounters {
    /** Passes of the loop. */
    public long turns;

    /** Tasks run: fiber switches, mostly. */
    public long tasks;

    /** Turns that ended because the task quota was used up. */
    public long quotaEnds;

    /** Times the carrier waited in the kernel. */
    public long sleeps;

    /** Tasks that came from other threads. */
    public long remoteTasks;

    /** Timers fired. */
    public long timers;

    public long fibersStarted;
    public long fibersFailed;
    public int fibersLive;

    public long connectionsAccepted;
    public long connectionsOpened;
    public int connectionsActive;
    public long bytesReceived;
    public long bytesSent;

    ReactorCounters() {}
}
