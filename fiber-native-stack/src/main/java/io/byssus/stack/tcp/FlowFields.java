package io.byssus.stack.tcp;

/**
 * A flow that is filled in again and again, for what passes: segments and answers.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
class FlowFields implements Flow {
    private long localHigh;
    private long localLow;
    private long remoteHigh;
    private long remoteLow;

    /** As {@link Flow#ports()}. */
    int ports;

    FlowFields() {}

    /** The local end is here. */
    final void addresses(long localHigh, long localLow, long remoteHigh, long remoteLow) {
        this.localHigh = localHigh;
        this.localLow = localLow;
        this.remoteHigh = remoteHigh;
        this.remoteLow = remoteLow;
    }

    @Override
    public final long localHigh() {
        return localHigh;
    }

    @Override
    public final long localLow() {
        return localLow;
    }

    @Override
    public final long remoteHigh() {
        return remoteHigh;
    }

    @Override
    public final long remoteLow() {
        return remoteLow;
    }

    @Override
    public final int ports() {
        return ports;
    }
}
