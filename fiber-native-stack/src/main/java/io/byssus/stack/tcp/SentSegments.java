package io.byssus.stack.tcp;

/**
 * What is sent and not acknowledged cumulatively: a record for each segment, in sequence order, in
 * a ring of primitive arrays; it is the scoreboard of RFC 2018 and 6675. A record is in one of
 * three states, and their bytes are counted:
 *
 * <pre>
 * in flight -- markSacked --> SACKed
 * in flight -- markLost ----> lost -- markRetransmitted --> in flight
 * lost ------- markSacked --> SACKed (it was only late)
 * </pre>
 *
 * <p>Records in flight are also linked in the order of their last transmission, so that RACK finds
 * the oldest without a search (RFC 8985, section 6.2), and sets of slots find the next lost and the
 * next unSACKed one. A hostile peer can therefore not make an acknowledgment cost more than what it
 * changes, and O(log n) for each of its blocks (CVE-2019-11478, CVE-2019-5599): a record is never
 * divided because of a block. A block that covers a record partly says nothing of it; receivers
 * keep whole segments. Only {@link #recut} divides, all at once, when the segment size shrinks.
 *
 * <p>A record is named by its slot, which stays the same until something is appended or recut.
 *
 * <p><b>Ownership:</b> one per connection, confined to its shard. No arrays while nothing is sent;
 * they double, and are let go when a flight ends that did not need them.
 */
final class SentSegments {
    static final int NONE = SlotSet.NONE;

    /** No new data is sent while there are so many. */
    static final int RECORDS_MAX = 1 << 17;

    /** Room for probes and for {@link #recut}. */
    private static final int CAPACITY_MAX = RECORDS_MAX << 1;

    private static final int CAPACITY_MIN = 8;

    /** Arrays up to this stay with a connection that has nothing in flight. */
    private static final int CAPACITY_KEPT = 16;

    private static final int UNDIVIDED = Integer.MAX_VALUE;

    private static final byte SACKED = 1;
    private static final byte LOST = 1 << 1;

    /** It was sent more than once. */
    private static final byte RETRANSMITTED = 1 << 2;

    private static final int[] NO_STARTS = {};
    private static final long[] NO_TIMES = {};
    private static final byte[] NO_FLAGS = {};

    private int[] starts = NO_STARTS;
    private long[] sentNanos = NO_TIMES;
    private byte[] flags = NO_FLAGS;

    /** Those in flight; as the sets, it is there if the arrays are. */
    private TransmissionOrder order;

    private SlotSet unsacked;
    private SlotSet lost;

    private int head;
    private int count;
    private int countMax;
    private int next;
    private int inFlight;
    private int sacked;
    private int sackedCount;

    /** The last transmission. */
    private long latestNanos = Long.MIN_VALUE;

    private int latestEnd;

    /** Records looked at so far: a test holds it against a bound. */
    private long looks;

    /** Nothing is sent; the first byte will be {@code sequence}. */
    void begin(int sequence) {
        release();
        next = sequence;
        latestNanos = Long.MIN_VALUE;
    }

    // ---- What is there

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    /** How many more records of new data there may be. */
    int room() {
        return Math.max(0, RECORDS_MAX - count);
    }

    /** The first byte that is not acknowledged: SND.UNA. */
    int una() {
        return count == 0 ? next : starts[head];
    }

    /** The byte after the last that was sent: SND.NXT. */
    int next() {
        return next;
    }

    /** FlightSize of RFC 5681: what is sent and not acknowledged cumulatively. */
    int flightBytes() {
        return next - una();
    }

    /** Bytes that are neither SACKed nor lost: "pipe" of RFC 6675. */
    int inFlight() {
        return inFlight;
    }

    int sackedBytes() {
        return sacked;
    }

    int sackedCount() {
        return sackedCount;
    }

    int lostBytes() {
        return flightBytes() - inFlight - sacked;
    }

    /** The longest that is SACKed, or 0; it looks at all. */
    int longestSacked() {
        int longest = 0;
        for (int i = 0; i < count && sackedCount > 0; i++) {
            int slot = slotAt(i);
            longest = isSacked(slot) ? Math.max(longest, length(slot)) : longest;
        }
        return longest;
    }

    long looks() {
        return looks;
    }

    /** The capacity of the arrays: 0 for an idle connection. */
    int capacity() {
        return starts.length;
    }

    // ---- One record

    int start(int slot) {
        return starts[slot];
    }

    int end(int slot) {
        return indexOf(slot) == count - 1 ? next : starts[following(slot)];
    }

    int length(int slot) {
        return end(slot) - starts[slot];
    }

    /** When it was sent last. */
    long sentNanos(int slot) {
        return sentNanos[slot];
    }

    boolean isSacked(int slot) {
        return (flags[slot] & SACKED) != 0;
    }

    boolean isLost(int slot) {
        return (flags[slot] & LOST) != 0;
    }

    /** Neither SACKed nor lost. */
    boolean isInFlight(int slot) {
        return (flags[slot] & (SACKED | LOST)) == 0;
    }

    boolean wasRetransmitted(int slot) {
        return (flags[slot] & RETRANSMITTED) != 0;
    }

    // ---- Ways to find one

    /** The first in sequence, or {@link #NONE}. */
    int first() {
        return count == 0 ? NONE : head;
    }

    /** The last in sequence, or {@link #NONE}. */
    int last() {
        return count == 0 ? NONE : slotAt(count - 1);
    }

    /** The next in sequence, or {@link #NONE}. */
    int nextOf(int slot) {
        return indexOf(slot) == count - 1 ? NONE : following(slot);
    }

    /** The first record that begins at {@code sequence} or after it, or {@link #NONE}. */
    int firstFrom(int sequence) {
        int low = 0;
        int high = count;
        while (low < high) {
            looks++;
            int middle = (low + high) >>> 1;
            if (SequenceNumber.isBefore(starts[slotAt(middle)], sequence)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == count ? NONE : slotAt(low);
    }

    /** The first that is not SACKed, at {@code slot} or after it in sequence, or {@link #NONE}. */
    int unsackedFrom(int slot) {
        looks++;
        return notBefore(slot, unsacked.next(slot));
    }

    /** The lost one with the lowest sequence number, or {@link #NONE}. */
    int firstLost() {
        return count == 0 || lostBytes() == 0 ? NONE : lost.next(head);
    }

    /** The end of the first lost one, or of those after it that fit into a segment with it. */
    int lostEnd(int segmentBytes) {
        int slot = firstLost();
        int limit = starts[slot] + segmentBytes;
        int end = SequenceNumber.min(end(slot), limit);
        slot = nextOf(slot);
        while (slot != NONE && isLost(slot) && SequenceNumber.isAtOrBefore(end(slot), limit)) {
            end = end(slot);
            slot = nextOf(slot);
        }
        return end;
    }

    /** The one in flight that was sent first, or {@link #NONE}. */
    int oldestInFlight() {
        return count == 0 ? NONE : order.oldest();
    }

    /** The one in flight that was sent after this one, or {@link #NONE}. */
    int newerThan(int slot) {
        assert isInFlight(slot);
        looks++;
        return order.newerThan(slot);
    }

    // ---- Changes

    /** New data was sent, in segments of at most {@code segmentBytes}; a record is made of each. */
    void append(long now, int end, int segmentBytes) {
        assert segmentBytes > 0;
        assert SequenceNumber.isAfter(end, next);
        while (next != end) {
            boolean full = count == CAPACITY_MAX;
            int length = end - next;
            appendOne(now, full ? length : Math.min(segmentBytes, length));
        }
        countMax = Math.max(countMax, count);
    }

    private void appendOne(long now, int length) {
        if (count == CAPACITY_MAX) {
            growLast(length);
            return;
        }
        if (count == starts.length) {
            relocate(Math.max(CAPACITY_MIN, count << 1), UNDIVIDED);
        }
        int slot = slotAt(count);
        count++;
        starts[slot] = next;
        flags[slot] = 0;
        next += length;
        sentNanos[slot] = transmissionTime(now, next);
        unsacked.add(slot);
        order.addNewest(slot);
        inFlight += length;
    }

    /** No record is left, which the bound on new data prevents: the last one takes it in. */
    private void growLast(int length) {
        int slot = last();
        next += length;
        if (isSacked(slot)) {
            sacked += length;
        } else if (!isLost(slot)) {
            inFlight += length;
        }
    }

    /** The peer has it, though not all before it. */
    void markSacked(int slot) {
        assert !isSacked(slot);
        int length = length(slot);
        if (isLost(slot)) {
            lost.remove(slot);
            flags[slot] &= ~LOST;
        } else {
            order.remove(slot);
            inFlight -= length;
        }
        unsacked.remove(slot);
        flags[slot] |= SACKED;
        sacked += length;
        sackedCount++;
        looks++;
    }

    void markLost(int slot) {
        assert isInFlight(slot);
        order.remove(slot);
        inFlight -= length(slot);
        flags[slot] |= LOST;
        lost.add(slot);
        looks++;
    }

    /** It was sent again. */
    void markRetransmitted(int slot, long now) {
        assert !isSacked(slot);
        if (isLost(slot)) {
            lost.remove(slot);
            flags[slot] &= ~LOST;
            inFlight += length(slot);
        } else {
            order.remove(slot);
        }
        flags[slot] |= RETRANSMITTED;
        sentNanos[slot] = transmissionTime(now, end(slot));
        order.addNewest(slot);
        looks++;
    }

    /**
     * Of two segments with the same time the one with the higher number counts as the later one
     * (RFC 8985, section 6.2, step 2). Where that is wrong, as new data went first and a
     * retransmission after it, the latter gets a later time: or it would look lost as soon as the
     * former is acknowledged.
     */
    private long transmissionTime(long now, int end) {
        if (now > latestNanos) {
            latestNanos = now;
        } else if (SequenceNumber.isBefore(end, latestEnd)) {
            latestNanos++;
        }
        latestEnd = end;
        return latestNanos;
    }

    /** The first record is acknowledged as a whole. */
    void removeFirst() {
        assert count > 0;
        int slot = head;
        int length = length(slot);
        if (isSacked(slot)) {
            sacked -= length;
            sackedCount--;
        } else {
            unsacked.remove(slot);
            if (isLost(slot)) {
                lost.remove(slot);
            } else {
                order.remove(slot);
                inFlight -= length;
            }
        }
        head = following(slot);
        count--;
        looks++;
        if (count == 0) {
            afterFlight();
        }
    }

    /** The first record is acknowledged up to {@code una}, which is inside it. */
    void trimFirst(int una) {
        int length = una - starts[head];
        assert length > 0 && length < length(head);
        if (isSacked(head)) {
            sacked -= length;
        } else if (!isLost(head)) {
            inFlight -= length;
        }
        starts[head] = una;
    }

    /** The peer may have thrown away what it had SACKed: all that counts as lost (RFC 2018, 8). */
    void forgetSacks() {
        for (int i = 0; i < count; i++) {
            int slot = slotAt(i);
            looks++;
            if (isSacked(slot)) {
                flags[slot] = (byte) ((flags[slot] & ~SACKED) | LOST);
                unsacked.add(slot);
                lost.add(slot);
            }
        }
        sacked = 0;
        sackedCount = 0;
    }

    /** What was taken for lost is only late: in flight, and older than all that is so already. */
    void forgetLosses() {
        if (firstLost() == NONE) {
            return;
        }
        for (int i = count - 1; i >= 0; i--) {
            int slot = slotAt(i);
            looks++;
            if (isLost(slot)) {
                lost.remove(slot);
                flags[slot] &= ~LOST;
                inFlight += length(slot);
                order.addOldest(slot);
            }
        }
        assert lostBytes() == 0;
    }

    /**
     * The segment size has shrunk: divides what is longer, as far as there is room. What is lost is
     * sent again anyway, and so divided as a whole: else each segment would leave a small rest.
     */
    void recut(int segmentBytes) {
        assert segmentBytes > 0;
        int pieces = 0;
        for (int i = 0; i < count; i++) {
            pieces += (length(slotAt(i)) - 1) / segmentBytes + 1;
        }
        if (pieces > count && pieces <= CAPACITY_MAX) {
            relocate(Math.max(starts.length, ceilingPowerOfTwo(pieces)), segmentBytes);
        }
    }

    /** Lets the arrays go, if nothing is in flight: the connection is idle. */
    void trim() {
        if (count == 0) {
            release();
        }
    }

    /** Whether it has arrays. */
    boolean isRoomy() {
        return starts.length > 0;
    }

    // ---- The ring

    private int slotAt(int index) {
        return (head + index) & (starts.length - 1);
    }

    private int indexOf(int slot) {
        return (slot - head) & (starts.length - 1);
    }

    private int following(int slot) {
        return (slot + 1) & (starts.length - 1);
    }

    /** A search around the ring that has passed its end found nothing. */
    private int notBefore(int slot, int found) {
        return found == NONE || indexOf(found) < indexOf(slot) ? NONE : found;
    }

    private static int ceilingPowerOfTwo(int number) {
        return number <= 1 ? 1 : Integer.highestOneBit(number - 1) << 1;
    }

    /**
     * Moves all records into arrays of another capacity, where the first has slot 0, and divides
     * those that are longer than {@code segmentBytes}, unless it is {@link #UNDIVIDED}.
     */
    private void relocate(int capacity, int segmentBytes) {
        int[] oldStarts = starts;
        long[] oldTimes = sentNanos;
        byte[] oldFlags = flags;
        TransmissionOrder oldOrder = order;
        int oldHead = head;
        int oldCount = count;
        int[] firstPieces = new int[oldCount + 1];
        allocate(capacity);
        for (int i = 0; i < oldCount; i++) {
            int slot = (oldHead + i) & (oldStarts.length - 1);
            int following = (slot + 1) & (oldStarts.length - 1);
            int end = i == oldCount - 1 ? next : oldStarts[following];
            int start = oldStarts[slot];
            if (segmentBytes != UNDIVIDED && (oldFlags[slot] & LOST) != 0) {
                start = fillLast(segmentBytes, start, end, oldTimes[slot], oldFlags[slot]);
            }
            firstPieces[i] = count;
            while (start != end) {
                put(start, oldTimes[slot], oldFlags[slot]);
                start += Math.min(segmentBytes, end - start);
            }
        }
        firstPieces[oldCount] = count;
        if (oldOrder == null) {
            return;
        }
        for (int old = oldOrder.oldest(); old != NONE; old = oldOrder.newerThan(old)) {
            int index = (old - oldHead) & (oldStarts.length - 1);
            for (int slot = firstPieces[index]; slot < firstPieces[index + 1]; slot++) {
                order.addNewest(slot);
            }
        }
    }

    /**
     * If the last record is lost too, it takes in what there is room for in a segment.
     *
     * @return where the rest begins
     */
    private int fillLast(int segmentBytes, int start, int end, long time, byte state) {
        int last = count - 1;
        if (last < 0 || !isLost(last) || start - starts[last] >= segmentBytes) {
            return start;
        }
        sentNanos[last] = Math.min(sentNanos[last], time);
        flags[last] |= state;
        return SequenceNumber.min(starts[last] + segmentBytes, end);
    }

    private void allocate(int capacity) {
        starts = new int[capacity];
        sentNanos = new long[capacity];
        flags = new byte[capacity];
        order = new TransmissionOrder(capacity);
        unsacked = new SlotSet(capacity);
        lost = new SlotSet(capacity);
        head = 0;
        count = 0;
        sackedCount = 0;
    }

    private void put(int start, long time, byte state) {
        int slot = count;
        count++;
        starts[slot] = start;
        sentNanos[slot] = time;
        flags[slot] = state;
        if (isSacked(slot)) {
            sackedCount++;
        } else {
            unsacked.add(slot);
        }
        if (isLost(slot)) {
            lost.add(slot);
        }
    }

    private void afterFlight() {
        assert inFlight == 0 && sacked == 0 && order.isEmpty();
        if (starts.length > CAPACITY_KEPT && countMax < (starts.length >> 2)) {
            release();
        }
        countMax = 0;
    }

    private void release() {
        starts = NO_STARTS;
        sentNanos = NO_TIMES;
        flags = NO_FLAGS;
        order = null;
        unsacked = null;
        lost = null;
        head = 0;
        count = 0;
        countMax = 0;
        inFlight = 0;
        sacked = 0;
        sackedCount = 0;
    }
}
