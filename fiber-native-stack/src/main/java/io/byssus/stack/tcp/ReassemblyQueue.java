package io.byssus.stack.tcp;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import java.util.Objects;

/**
 * What has arrived before its turn (SHLD-31), and what the peer is told of it (SACK).
 *
 * <p>Where segments overlap, <b>the bytes that arrived first win</b>: what was acknowledged
 * selectively never changes, and a later segment only fills gaps.
 *
 * <p>It is bounded in bytes of memory, in buffers and in gaps, and what exceeds a bound is dropped
 * and counted: the peer sends it again. A payload that fills less than a quarter of its frame is
 * copied out of it, behind the payload before it where that has room, so that a peer that sends
 * every second byte (CVE-2018-5390) soon reaches the bounds, and costs a binary search per segment
 * until then.
 *
 * <p>How a segment that begins at RCV.NXT is received: {@link #missing} bytes of it go to the
 * application at once, then {@link #take} gives what follows, until it gives null; if the segment
 * goes on, the rest of it is inserted.
 *
 * <p><b>Ownership:</b> confined to its shard; owns the buffers it holds.
 */
final class ReassemblyQueue {
    /** What became of an inserted segment. */
    enum Outcome {
        /** All of it is held now. */
        NEW,
        /** All of it was here before, or delivered. */
        DUPLICATE,
        /** Some of it is held now; the rest was here before, or was dropped. */
        PARTIAL,
        /** It exceeds a bound; nothing is held that was not before. */
        DROPPED
    }

    /** Buffers, unless the caller says otherwise: full frames of 2 KiB in a window of 4 MiB. */
    static final int NODES_MAX = 2048;

    /** Runs, and so gaps: more than an honest sender leaves in a window. */
    static final int RUNS_MAX = 512;

    /** Nothing is held further than that from RCV.NXT; no window reaches so far. */
    private static final int DISTANCE_MAX = 1 << 30;

    /** Of every queue in which nothing was ever inserted: it stays empty. */
    private static final SegmentRuns NO_RUNS = new SegmentRuns();

    private final BufferPool pool;
    private final int nodesMax;
    private SegmentRuns runs = NO_RUNS;
    private final SackBlocks sack = new SackBlocks();

    private int chargedMax;
    private int charged;
    private int length;

    private long droppedBytes;
    private long duplicateBytes;
    private long prunedBytes;

    // Of the segment that is being inserted: bytes, the first range that was here before, and the
    // start of the last piece that is here now.
    private int storedBytes;
    private int refusedBytes;
    private int repeatedBytes;
    private int repeatedStart;
    private int repeatedEnd;
    private int arrived;

    ReassemblyQueue(BufferPool pool, int chargedMax) {
        this(pool, chargedMax, NODES_MAX);
    }

    /**
     * @param chargedMax bytes of memory that may be kept in use
     * @param nodesMax buffers that may be held
     */
    ReassemblyQueue(BufferPool pool, int chargedMax, int nodesMax) {
        this.pool = pool;
        this.chargedMax = chargedMax;
        this.nodesMax = nodesMax;
    }

    /** Changes the bound on memory; what is held stays. */
    void chargedMax(int bytes) {
        chargedMax = bytes;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** Bytes of the stream that are held. */
    int length() {
        return length;
    }

    /** Bytes of memory that the queue keeps in use. */
    int charged() {
        return charged;
    }

    /** Whether it has what an empty queue can do without. */
    boolean isRoomy() {
        return runs != NO_RUNS;
    }

    /** Buffers that are held. */
    int nodes() {
        return runs.nodes();
    }

    /** Runs of bytes without a gap. */
    int runs() {
        return runs.count();
    }

    /** Payload that exceeded a bound, or came behind some that did in its segment. */
    long droppedBytes() {
        return droppedBytes;
    }

    /** Payload that had arrived before, as far as it was inserted here or noted. */
    long duplicateBytes() {
        return duplicateBytes;
    }

    /** Payload that was given up for want of memory. */
    long prunedBytes() {
        return prunedBytes;
    }

    /** Sequence number behind the last byte that is held; there must be one. */
    int highestEnd() {
        assert !isEmpty();
        return runs.end(runs.count() - 1);
    }

    /** Bytes that are missing from {@code next} on, before the first that are held. */
    int missing(int next) {
        if (isEmpty()) {
            return Integer.MAX_VALUE;
        }
        return Math.max(0, SequenceNumber.distance(next, runs.start(0)));
    }

    /**
     * Holds what is new of a payload. The caller has checked that it lies within the window, at
     * least in part; the frame stays the caller's.
     *
     * @param nextExpected RCV.NXT: what is before it was delivered
     * @param start sequence number of the first of {@code count} bytes at {@code offset}
     * @throws IndexOutOfBoundsException if the frame does not hold them
     */
    Outcome insert(int nextExpected, int start, Buffer frame, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, frame.length());
        int end = start + count;
        int from = SequenceNumber.max(start, nextExpected);
        if (SequenceNumber.isAtOrBefore(end, from)) {
            if (count > 0) {
                noteDuplicate(start, end);
            }
            return Outcome.DUPLICATE;
        }
        if (SequenceNumber.distance(nextExpected, end) > DISTANCE_MAX) {
            droppedBytes += count;
            return Outcome.DROPPED;
        }
        begin(from);
        if (from != start) {
            repeat(start, from);
        }
        fill(from, end, frame, offset + (from - start));
        return settle(count);
    }

    /**
     * The next piece of what follows {@code next} without a gap, from exactly there on: it is the
     * caller's, and {@code next} is to advance by its length. Null if the byte is missing.
     */
    Buffer take(int next) {
        while (!isEmpty() && SequenceNumber.isAtOrBefore(runs.start(0), next)) {
            int delivered = SequenceNumber.distance(runs.start(0), next);
            Buffer buffer = runs.removeFirst();
            length -= buffer.length();
            charged -= buffer.capacity();
            assert length >= 0 && charged >= 0;
            if (delivered < buffer.length()) {
                buffer.trimFront(delivered);
                return buffer;
            }
            buffer.close();
        }
        return null;
    }

    /** A segment, or a part of one, below RCV.NXT has arrived again: D-SACK reports it. */
    void noteDuplicate(int start, int end) {
        duplicateBytes += SequenceNumber.distance(start, end);
        sack.noteDuplicate(start, end);
    }

    /** Whether {@link #sackBlocks} would find any. */
    boolean hasSackBlocks() {
        return !isEmpty() || sack.hasDuplicate();
    }

    /**
     * Settles the SACK blocks of a segment that is about to be sent (RFC 2018 section 4, RFC 2883).
     *
     * @param max blocks that fit: 4, or 3 beside a timestamp
     * @return how many there are, for {@link #sackStart} and {@link #sackEnd}
     */
    int sackBlocks(int max) {
        return sack.build(runs, max);
    }

    /** Left edge of a block. */
    int sackStart(int block) {
        return sack.start(block);
    }

    /** Right edge of a block: the number behind its last byte. */
    int sackEnd(int block) {
        return sack.end(block);
    }

    /**
     * Drops data from the highest on until no more than {@code chargedTarget} bytes of memory are
     * in use. The peer will be told other blocks than before, which RFC 2018 section 8 allows.
     *
     * @return bytes of memory that were given up
     */
    int prune(int chargedTarget) {
        int before = charged;
        while (charged > Math.max(0, chargedTarget)) {
            Buffer buffer = runs.removeLast();
            length -= buffer.length();
            charged -= buffer.capacity();
            prunedBytes += buffer.length();
            buffer.close();
        }
        return before - charged;
    }

    /**
     * Releases everything, the arrays of an empty queue too. The queue may be used again, so that
     * this also serves a connection that has become idle.
     */
    void close() {
        while (!isEmpty()) {
            Buffer buffer = runs.removeLast();
            length -= buffer.length();
            charged -= buffer.capacity();
            buffer.close();
        }
        runs = NO_RUNS;
        sack.forget();
        assert charged == 0;
    }

    private void begin(int from) {
        if (runs == NO_RUNS) {
            runs = new SegmentRuns();
        }
        storedBytes = 0;
        refusedBytes = 0;
        repeatedBytes = 0;
        arrived = from;
    }

    private Outcome settle(int count) {
        assert storedBytes + refusedBytes + repeatedBytes == count;
        droppedBytes += refusedBytes;
        duplicateBytes += repeatedBytes;
        if (repeatedBytes > 0) {
            // RFC 2883 section 4: only the first duplicate range of a segment is reported.
            sack.noteDuplicate(repeatedStart, repeatedEnd);
        }
        sack.noteArrival(runs, arrived);
        if (storedBytes > 0) {
            return storedBytes == count ? Outcome.NEW : Outcome.PARTIAL;
        }
        return refusedBytes > 0 ? Outcome.DROPPED : Outcome.DUPLICATE;
    }

    /**
     * Fills the gaps between {@code from} and {@code end}, the first byte of which is at {@code
     * offset} of the frame. Every gap but the last is closed for good, and one earlier segment had
     * made it, so that this takes amortized constant time beside the search. What cannot be held
     * ends it: otherwise a full queue would be walked through for every segment.
     */
    private void fill(int from, int end, Buffer frame, int offset) {
        int at = from;
        int run = runs.firstEndingAtOrAfter(from); // it never ends before `at` hereafter
        while (SequenceNumber.isBefore(at, end)) {
            if (run < runs.count() && SequenceNumber.isAtOrBefore(runs.start(run), at)) {
                int to = SequenceNumber.min(end, runs.end(run));
                if (to != at) {
                    repeat(at, to);
                    arrived = at;
                    at = to;
                    continue;
                }
            }
            boolean touches = run < runs.count() && runs.end(run) == at;
            int right = touches ? run + 1 : run;
            int to = right < runs.count() ? SequenceNumber.min(end, runs.start(right)) : end;
            if (!put(run, touches, at, to, frame, offset + (at - from))) {
                refusedBytes = SequenceNumber.distance(at, end);
                return;
            }
            arrived = at;
            at = to;
        }
    }

    private void repeat(int start, int end) {
        if (repeatedBytes == 0) {
            repeatedStart = start;
            repeatedEnd = end;
        } else if (repeatedEnd == start) {
            repeatedEnd = end;
        }
        repeatedBytes += SequenceNumber.distance(start, end);
    }

    /**
     * Fills a gap, or a part of one, behind {@code run} if it touches that, else before it.
     *
     * @return false if it exceeds a bound
     */
    private boolean put(int run, boolean touches, int start, int end, Buffer frame, int offset) {
        int count = SequenceNumber.distance(start, end);
        int right = touches ? run + 1 : run;
        boolean joins = right < runs.count() && runs.start(right) == end;
        if (touches && fitsBehind(runs.tail(run), count, frame.capacity())) {
            moveBehind(runs.tail(run), frame.address() + offset, count);
        } else {
            boolean newRun = !touches && !joins;
            Buffer buffer = newRun && runs.count() >= RUNS_MAX ? null : admit(frame, offset, count);
            if (buffer == null) {
                return false;
            }
            if (touches) {
                runs.append(run, buffer, count);
            } else {
                runs.insert(run, start, buffer, count);
            }
        }
        storedBytes += count;
        length += count;
        if (joins) {
            join(run);
        }
        return true;
    }

    /** The payload in a buffer for a new node, or null if that exceeds a bound. */
    private Buffer admit(Buffer frame, int offset, int count) {
        boolean sparse = ReceivedPayload.isSparse(count, frame.capacity());
        int capacity = sparse ? ReceivedPayload.copyCapacity(count) : frame.capacity();
        if (runs.nodes() >= nodesMax || capacity > chargedMax - charged) {
            return null;
        }
        Buffer buffer;
        if (sparse) {
            buffer = pool.allocateOrNull(capacity);
            if (buffer == null) {
                return null;
            }
            RawMemory.copy(frame.address() + offset, buffer.address(), count);
        } else {
            buffer = frame.share(offset, count);
        }
        charged += buffer.capacity();
        return buffer;
    }

    /** Joins two runs that touch, and their buffers if the second one's bytes are few. */
    private void join(int run) {
        int tail = runs.tail(run);
        int head = runs.head(run + 1);
        Buffer buffer = runs.buffer(head);
        int count = runs.length(head);
        runs.join(run);
        if (fitsBehind(tail, count, buffer.capacity())) {
            moveBehind(tail, buffer.address(), count);
            Buffer emptied = runs.removeFollowing(run, tail);
            charged -= emptied.capacity();
            emptied.close();
        }
    }

    private boolean fitsBehind(int node, int count, int capacity) {
        return count <= runs.room(node)
                && (count <= ReceivedPayload.JOINED_MAX
                        || ReceivedPayload.isSparse(count, capacity));
    }

    private void moveBehind(int node, long address, int count) {
        RawMemory.copy(address, runs.buffer(node).address() + runs.length(node), count);
        runs.extend(node, count);
    }
}
