package io.byssus.stack.tcp;

/**
 * Which blocks an outgoing segment's SACK option reports, in RFC 2018's order (section 4): the one
 * with the segment that arrived last, then those that were reported before, latest first, then any
 * other. A duplicate is reported once, before them (D-SACK, RFC 2883).
 *
 * <p>What arrived last is remembered as sequence numbers, not as blocks: a block that has grown or
 * merged since is reported as it is now.
 *
 * <p><b>Ownership:</b> confined to its shard; the runs are the {@link ReassemblyQueue}'s.
 */
final class SackBlocks {
    /** What fits in a segment's options; with timestamps it is one less. */
    static final int BLOCKS_MAX = 4;

    private static final int RECENT_MAX = 2 * BLOCKS_MAX;

    /** One byte in each run that grew lately, latest first, each run once; made when needed. */
    private int[] recent;

    private int recentCount;

    private boolean duplicatePending;
    private int duplicateStart;
    private int duplicateEnd;

    /** Starts and ends by turns, as {@link #build} left them; made when needed. */
    private int[] blocks;

    private int count;

    /**
     * A segment has arrived, one byte of which is {@code sequence}, which one of the runs holds.
     */
    void noteArrival(SegmentRuns runs, int sequence) {
        int run = runs.containing(sequence);
        if (run == SegmentRuns.NONE) {
            return; // it was refused
        }
        if (recent == null) {
            recent = new int[RECENT_MAX];
        }
        int start = runs.start(run);
        int length = SequenceNumber.distance(start, runs.end(run));
        int kept = 0;
        for (int i = 0; i < recentCount; i++) {
            if (!SequenceNumber.isWithin(recent[i], start, length)) {
                recent[kept++] = recent[i];
            }
        }
        kept = Math.min(kept, RECENT_MAX - 1);
        System.arraycopy(recent, 0, recent, 1, kept);
        recent[0] = sequence;
        recentCount = kept + 1;
    }

    /**
     * Bytes have arrived again. One that waits already grows if it touches these, as one packet
     * that the network doubled may have been cut in two; else the latest one counts.
     */
    void noteDuplicate(int start, int end) {
        assert SequenceNumber.isBefore(start, end);
        boolean touches =
                duplicatePending
                        && SequenceNumber.isAtOrBefore(start, duplicateEnd)
                        && SequenceNumber.isAtOrBefore(duplicateStart, end);
        duplicateStart = touches ? SequenceNumber.min(duplicateStart, start) : start;
        duplicateEnd = touches ? SequenceNumber.max(duplicateEnd, end) : end;
        duplicatePending = true;
    }

    /** Whether a duplicate is to be reported. */
    boolean hasDuplicate() {
        return duplicatePending;
    }

    /**
     * Settles the blocks of a segment that is about to be sent; a duplicate is in one of them and
     * will not be again.
     *
     * @return how many blocks, at most {@code max}
     */
    int build(SegmentRuns runs, int max) {
        count = 0;
        int limit = Math.min(max, BLOCKS_MAX);
        if (limit <= 0 || (!duplicatePending && runs.count() == 0)) {
            recentCount = runs.count() == 0 ? 0 : recentCount;
            return 0;
        }
        if (blocks == null) {
            blocks = new int[2 * BLOCKS_MAX];
        }
        if (duplicatePending) {
            add(duplicateStart, duplicateEnd);
            duplicatePending = false;
        }
        int firstRun = count;
        addRecent(runs, limit);
        for (int run = 0; run < runs.count() && count < limit; run++) {
            if (!isReported(runs.start(run), firstRun)) {
                add(runs.start(run), runs.end(run));
            }
        }
        return count;
    }

    int count() {
        return count;
    }

    /** Sequence number of the first byte of a block. */
    int start(int block) {
        assert block >= 0 && block < count;
        return blocks[2 * block];
    }

    /** Sequence number behind the last byte of a block. */
    int end(int block) {
        assert block >= 0 && block < count;
        return blocks[2 * block + 1];
    }

    /** Gives back the arrays, and with them what was to be reported. */
    void forget() {
        recent = null;
        recentCount = 0;
        blocks = null;
        count = 0;
        duplicatePending = false;
    }

    private void addRecent(SegmentRuns runs, int limit) {
        int kept = 0;
        for (int i = 0; i < recentCount; i++) {
            int run = runs.containing(recent[i]);
            if (run == SegmentRuns.NONE) {
                continue; // delivered by now, or dropped
            }
            recent[kept++] = recent[i];
            if (count < limit) {
                add(runs.start(run), runs.end(run));
            }
        }
        recentCount = kept;
    }

    private boolean isReported(int start, int firstRun) {
        for (int block = firstRun; block < count; block++) {
            if (blocks[2 * block] == start) {
                return true;
            }
        }
        return false;
    }

    private void add(int start, int end) {
        blocks[2 * count] = start;
        blocks[2 * count + 1] = end;
        count++;
    }
}
