package io.byssus.stack.tcp;

import java.util.Arrays;

/**
 * What is left of connections in TIME-WAIT, 72 bytes each, in one array of words:
 *
 * <pre>
 *        upper half          lower half
 * 0    local address, high
 * 1    local address, low
 * 2    remote address, high
 * 3    remote address, low
 * 4    expiry, ns
 * 5    ports               hash
 * 6    SND.NXT             RCV.NXT
 * 7    next older record   next newer record
 * 8    TS.Recent           1 if it has timestamps
 * </pre>
 *
 * <p>The records are in a list from the oldest to the newest; free ones are in a list of their own.
 * Since all of them last equally long, the order of the list is that of their expiry. A record is
 * known by its number, which is valid until it is released.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class TimeWaitRecords {
    static final int NONE = -1;

    /** For as many records; it doubles from there. */
    static final int CAPACITY_MIN = 16;

    private static final int LOCAL_HIGH = 0;
    private static final int LOCAL_LOW = 1;
    private static final int REMOTE_HIGH = 2;
    private static final int REMOTE_LOW = 3;
    private static final int EXPIRY = 4;
    private static final int PORTS_AND_HASH = 5;
    private static final int SEND_AND_RECEIVE = 6;
    private static final int OLDER_AND_NEWER = 7;
    private static final int TIMESTAMP = 8;
    private static final int WORDS = 9;

    static final int RECORD_BYTES = WORDS * Long.BYTES;

    private static final long[] EMPTY = {};
    private static final long LOWER = 0xffff_ffffL;

    private final int recordsMax;
    private long[] words = EMPTY;

    /** Those numbered from here on were never used. */
    private int unused;

    /** The first free one below {@link #unused}; linked by "newer". */
    private int free = NONE;

    private int size;
    private int oldest = NONE;
    private int newest = NONE;

    TimeWaitRecords(int recordsMax) {
        if (recordsMax < 1 || recordsMax > Integer.MAX_VALUE / RECORD_BYTES) {
            throw new IllegalArgumentException("recordsMax=" + recordsMax);
        }
        this.recordsMax = recordsMax;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == recordsMax;
    }

    /** How many fit in before it grows. */
    int capacity() {
        return words.length / WORDS;
    }

    /** The one that expires first, or {@link #NONE}. */
    int oldest() {
        return oldest;
    }

    /** The one after {@code record}, or {@link #NONE}. */
    int newer(int record) {
        return lower(record, OLDER_AND_NEWER);
    }

    /** A record for a flow, as the newest; there must be room. */
    int acquire(
            long localHigh, long localLow, long remoteHigh, long remoteLow, int ports, int hash) {
        assert !isFull() : "size=" + size;
        int record = free;
        if (record != NONE) {
            free = newer(record);
        } else {
            record = unused++;
            grow();
        }
        size++;
        set(record, LOCAL_HIGH, localHigh);
        set(record, LOCAL_LOW, localLow);
        set(record, REMOTE_HIGH, remoteHigh);
        set(record, REMOTE_LOW, remoteLow);
        set(record, PORTS_AND_HASH, pack(ports, hash));
        set(record, TIMESTAMP, 0);
        append(record);
        return record;
    }

    /** Frees a record; the last one frees the memory too. */
    void release(int record) {
        unlink(record);
        size--;
        if (size == 0) {
            words = EMPTY;
            unused = 0;
            free = NONE;
            return;
        }
        set(record, OLDER_AND_NEWER, pack(NONE, free));
        free = record;
    }

    /** It begins anew, as the newest. */
    void touch(int record) {
        unlink(record);
        append(record);
    }

    boolean isOf(
            int record, long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        return ports(record) == ports
                && get(record, REMOTE_LOW) == remoteLow
                && get(record, LOCAL_LOW) == localLow
                && get(record, REMOTE_HIGH) == remoteHigh
                && get(record, LOCAL_HIGH) == localHigh;
    }

    long localHigh(int record) {
        return get(record, LOCAL_HIGH);
    }

    long localLow(int record) {
        return get(record, LOCAL_LOW);
    }

    long remoteHigh(int record) {
        return get(record, REMOTE_HIGH);
    }

    long remoteLow(int record) {
        return get(record, REMOTE_LOW);
    }

    int ports(int record) {
        return upper(record, PORTS_AND_HASH);
    }

    int hash(int record) {
        return lower(record, PORTS_AND_HASH);
    }

    long expiry(int record) {
        return get(record, EXPIRY);
    }

    void expiry(int record, long time) {
        set(record, EXPIRY, time);
    }

    int sendNext(int record) {
        return upper(record, SEND_AND_RECEIVE);
    }

    int receiveNext(int record) {
        return lower(record, SEND_AND_RECEIVE);
    }

    void sequences(int record, int sendNext, int receiveNext) {
        set(record, SEND_AND_RECEIVE, pack(sendNext, receiveNext));
    }

    boolean hasTimestamps(int record) {
        return lower(record, TIMESTAMP) != 0;
    }

    int timestampRecent(int record) {
        return upper(record, TIMESTAMP);
    }

    void timestampRecent(int record, int value) {
        set(record, TIMESTAMP, pack(value, 1));
    }

    void withoutTimestamps(int record) {
        set(record, TIMESTAMP, 0);
    }

    private void append(int record) {
        set(record, OLDER_AND_NEWER, pack(newest, NONE));
        if (newest == NONE) {
            oldest = record;
        } else {
            newer(newest, record);
        }
        newest = record;
    }

    private void unlink(int record) {
        int before = older(record);
        int after = newer(record);
        if (before == NONE) {
            oldest = after;
        } else {
            newer(before, after);
        }
        if (after == NONE) {
            newest = before;
        } else {
            older(after, before);
        }
    }

    private int older(int record) {
        return upper(record, OLDER_AND_NEWER);
    }

    private void older(int record, int older) {
        set(record, OLDER_AND_NEWER, pack(older, newer(record)));
    }

    private void newer(int record, int newer) {
        set(record, OLDER_AND_NEWER, pack(older(record), newer));
    }

    private void grow() {
        int capacity = capacity();
        if (unused > capacity) {
            int grown = Math.clamp(capacity * 2L, CAPACITY_MIN, Integer.MAX_VALUE);
            words = Arrays.copyOf(words, Math.min(grown, recordsMax) * WORDS);
        }
    }

    private long get(int record, int field) {
        return words[(record * WORDS) + field];
    }

    private void set(int record, int field, long value) {
        words[(record * WORDS) + field] = value;
    }

    private int upper(int record, int field) {
        return (int) (get(record, field) >>> Integer.SIZE);
    }

    private int lower(int record, int field) {
        return (int) get(record, field);
    }

    private static long pack(int upper, int lower) {
        return ((long) upper << Integer.SIZE) | (lower & LOWER);
    }
}
