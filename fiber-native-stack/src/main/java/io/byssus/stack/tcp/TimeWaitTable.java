package io.byssus.stack.tcp;

import io.byssus.stack.ip.SipHash;
import io.byssus.stack.wire.TcpHeader;

/**
 * Connections in TIME-WAIT: they only answer what is late, and keep their endpoints from being used
 * again too soon. A record is 72 bytes and at most 16 in the index, instead of a connection; the
 * memory grows with the records and is given back with the last one.
 *
 * <p>There are so many at most; then the oldest goes, before its 2 MSL are over, which RFC 9293
 * (MUST-13) does not allow, and is counted in {@link #evicted}. Without a bound, an attacker who
 * opens and closes connections decides how much memory is used.
 *
 * <p>Numbers of records are valid until the next call that adds or removes any.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class TimeWaitTable {
    /** What to do with a segment. */
    enum Action {
        /** Nothing. */
        DROP,

        /**
         * Send an ACK with {@code sendNext}, {@code receiveNext} and {@code timestampRecent}, if a
         * limit on such answers allows it.
         */
        ACKNOWLEDGE,

        /**
         * Treat it as a SYN for a listener, with an initial sequence number from {@code sendNext}
         * on (RFC 9293, MAY-2). The record stays, behind the new connection, until {@code remove},
         * which is due when that is established: if the SYN turns out to be an old duplicate,
         * TIME-WAIT goes on, as section 3.6.1 wants it.
         */
        REOPEN
    }

    /** Who hears of records that went by themselves. */
    @FunctionalInterface
    interface Watcher {
        /** The record of these endpoints has expired, or was evicted. */
        void onGone(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports);
    }

    /** There is no record. */
    static final int NONE = TimeWaitRecords.NONE;

    /** The segment has no timestamp, or the listener would not use it. */
    static final long NO_TIMESTAMP = -1;

    /** 2 MSL, with an MSL of 30 s as most have it. */
    static final long DURATION_NANOS = 60_000_000_000L;

    /** No more than so many expire in one call. */
    static final int EXPIRE_MAX = 256;

    private final SipHash secret;
    private final TimeWaitRecords records;
    private final TimeWaitIndex index;
    private final long durationNanos;
    private Watcher watcher = (localHigh, localLow, remoteHigh, remoteLow, ports) -> {};
    private long evicted;
    private long expired;
    private long reopened;
    private long resetsIgnored;

    /**
     * An empty table.
     *
     * @param secret for this table alone
     * @param durationNanos 2 MSL
     */
    TimeWaitTable(SipHash secret, int recordsMax, long durationNanos) {
        this.secret = secret;
        this.durationNanos = durationNanos;
        records = new TimeWaitRecords(recordsMax);
        index = new TimeWaitIndex(records);
    }

    void watcher(Watcher newWatcher) {
        watcher = newWatcher;
    }

    /**
     * A connection enters TIME-WAIT: without timestamps, unless {@link #timestampRecent(int, int)}
     * is called next. Takes the place of the record that the flow may have.
     *
     * @return its record
     */
    int add(long now, Flow flow, int sendNext, int receiveNext) {
        long localHigh = flow.localHigh();
        long localLow = flow.localLow();
        long remoteHigh = flow.remoteHigh();
        long remoteLow = flow.remoteLow();
        int ports = flow.ports();
        int hash = FlowHash.of(secret, localHigh, localLow, remoteHigh, remoteLow, ports);
        int record = index.find(hash, localHigh, localLow, remoteHigh, remoteLow, ports);
        if (record == NONE) {
            makeRoom();
            record = records.acquire(localHigh, localLow, remoteHigh, remoteLow, ports, hash);
            index.add(record);
        } else {
            records.withoutTimestamps(record);
        }
        records.sequences(record, sendNext, receiveNext);
        restart(now, record);
        return record;
    }

    /** The record of a flow, or {@link #NONE}. */
    int find(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        if (records.size() == 0) {
            return NONE;
        }
        int hash = FlowHash.of(secret, localHigh, localLow, remoteHigh, remoteLow, ports);
        return index.find(hash, localHigh, localLow, remoteHigh, remoteLow, ports);
    }

    /** A connection that took over a record's endpoints is established. */
    void remove(int record) {
        index.remove(record);
        records.release(record);
        if (records.size() == 0) {
            index.clear();
        }
    }

    /**
     * What a segment for a record asks for; a retransmitted FIN restarts the 2 MSL.
     *
     * @param flags {@link TcpHeader}'s
     * @param payload bytes
     * @param timestamp TSval, not negative, or {@link #NO_TIMESTAMP}
     */
    Action onSegment(long now, int record, int flags, int sequence, int payload, long timestamp) {
        if ((flags & TcpHeader.RST) != 0) {
            // TIME-WAIT assassination (RFC 1337).
            resetsIgnored++;
            return Action.DROP;
        }
        if ((flags & TcpHeader.SYN) != 0) {
            return onSyn(record, flags, sequence, timestamp);
        }
        boolean unstamped = records.hasTimestamps(record) && timestamp == NO_TIMESTAMP;
        if ((flags & TcpHeader.ACK) == 0 || unstamped) {
            // RFC 9293, 3.10.7.4, fifth; RFC 7323, 3.2.
            return Action.DROP;
        }
        if (isOutdated(record, timestamp)) {
            return Action.ACKNOWLEDGE;
        }
        boolean fin = (flags & TcpHeader.FIN) != 0;
        int next = records.receiveNext(record);
        if (fin && sequence + payload + 1 == next) {
            // "The only thing that can arrive in this state": RFC 9293, 3.10.7.4, eighth.
            if (records.hasTimestamps(record)) {
                records.timestampRecent(record, (int) timestamp);
            }
            restart(now, record);
            return Action.ACKNOWLEDGE;
        }
        // Nothing may come after a FIN, so the window is 0, and this alone is acceptable.
        boolean acceptable = !fin && payload == 0 && sequence == next;
        return acceptable ? Action.DROP : Action.ACKNOWLEDGE;
    }

    /** When {@link #onDeadline} is due; {@link Long#MAX_VALUE} if never. */
    long deadline() {
        int oldest = records.oldest();
        return oldest == NONE ? Long.MAX_VALUE : records.expiry(oldest);
    }

    /** Removes up to {@link #EXPIRE_MAX} records whose time is over; answers how many. */
    int onDeadline(long now) {
        int count = 0;
        int oldest = records.oldest();
        while (oldest != NONE && records.expiry(oldest) - now <= 0 && count < EXPIRE_MAX) {
            drop(oldest);
            count++;
            oldest = records.oldest();
        }
        expired += count;
        return count;
    }

    int sendNext(int record) {
        return records.sendNext(record);
    }

    int receiveNext(int record) {
        return records.receiveNext(record);
    }

    boolean hasTimestamps(int record) {
        return records.hasTimestamps(record);
    }

    /** TS.Recent, to be echoed; means something only with {@link #hasTimestamps}. */
    int timestampRecent(int record) {
        return records.timestampRecent(record);
    }

    /** The connection had timestamps: its TS.Recent. */
    void timestampRecent(int record, int value) {
        records.timestampRecent(record, value);
    }

    /** When the record expires. */
    long expiry(int record) {
        return records.expiry(record);
    }

    int size() {
        return records.size();
    }

    /** Memory in use. */
    long bytes() {
        return ((long) records.capacity() * TimeWaitRecords.RECORD_BYTES) + index.bytes();
    }

    /** Records that went before their time. */
    long evicted() {
        return evicted;
    }

    /** Records that went when their time was over. */
    long expired() {
        return expired;
    }

    /** SYNs that were let through. */
    long reopened() {
        return reopened;
    }

    long resetsIgnored() {
        return resetsIgnored;
    }

    /** RFC 6191, section 2; what it drops in silence gets the challenge ACK of RFC 9293 instead. */
    private Action onSyn(int record, int flags, int sequence, long timestamp) {
        if ((flags & (TcpHeader.ACK | TcpHeader.FIN)) != 0 || !isNew(record, sequence, timestamp)) {
            return Action.ACKNOWLEDGE;
        }
        reopened++;
        return Action.REOPEN;
    }

    private boolean isNew(int record, int sequence, long timestamp) {
        boolean after = SequenceNumber.isAtOrAfter(sequence, records.receiveNext(record));
        if (timestamp == NO_TIMESTAMP) {
            return after;
        }
        if (!records.hasTimestamps(record)) {
            return true;
        }
        int elapsed = SequenceNumber.distance(records.timestampRecent(record), (int) timestamp);
        return elapsed > 0 || (elapsed == 0 && after);
    }

    /** An old duplicate by its timestamp (PAWS; RFC 7323, 5.3). */
    private boolean isOutdated(int record, long timestamp) {
        return records.hasTimestamps(record)
                && SequenceNumber.isBefore((int) timestamp, records.timestampRecent(record));
    }

    private void makeRoom() {
        if (records.isFull()) {
            evicted++;
            drop(records.oldest());
        }
    }

    private void drop(int record) {
        long localHigh = records.localHigh(record);
        long localLow = records.localLow(record);
        long remoteHigh = records.remoteHigh(record);
        long remoteLow = records.remoteLow(record);
        int ports = records.ports(record);
        remove(record);
        watcher.onGone(localHigh, localLow, remoteHigh, remoteLow, ports);
    }

    private void restart(long now, int record) {
        records.expiry(record, now + durationNanos);
        records.touch(record);
    }
}
