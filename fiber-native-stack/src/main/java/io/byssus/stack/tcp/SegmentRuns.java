package io.byssus.stack.tcp;

import io.byssus.runtime.memory.Buffer;
import java.util.Arrays;

/**
 * Buffers that wait out of order, in runs without a gap.
 *
 * <pre>
 *   order     sorted by sequence number, one entry per run: the node at its head
 *               |              |
 *   nodes     [ 3 ]->[ 0 ]   [ 4 ]->[ 1 ]->[ 2 ]      linked both ways within a run
 *   bytes     100    1560    5000   6460   7920
 * </pre>
 *
 * <p>A run is found by binary search and grows at either end, or merges with its neighbour, in
 * constant time. A new run moves the entries behind it (or before it, if these are fewer) by one: a
 * few hundred bytes at most, which costs less than a balanced tree's pointers.
 *
 * <p><b>Ownership:</b> confined to its shard; owns the buffers of its nodes until they are removed.
 * Counts are bounded by the caller.
 */
final class SegmentRuns {
    static final int NONE = -1;

    /** Slots that are kept for the next time when there is no run. */
    private static final int SLOTS_KEPT = 4;

    // Per node; null until there is one.
    private Buffer[] buffers;
    private int[] starts;
    private int[] lengths;
    private int[] following;
    private int[] preceding;

    /** Valid at the head of a run: its last node. */
    private int[] tails;

    /** Heads of the runs from {@link #orderFirst} on, sorted by sequence number. */
    private int[] order;

    private int orderFirst;
    private int count;
    private int nodes;

    /** Nodes that are free, linked through {@link #following}. */
    private int free = NONE;

    /** Runs; they are numbered in the order of their sequence numbers. */
    int count() {
        return count;
    }

    int nodes() {
        return nodes;
    }

    /** Sequence number of a run's first byte. */
    int start(int run) {
        return starts[head(run)];
    }

    /** Sequence number behind a run's last byte. */
    int end(int run) {
        int tail = tail(run);
        return starts[tail] + lengths[tail];
    }

    int head(int run) {
        assert run >= 0 && run < count;
        return order[orderFirst + run];
    }

    int tail(int run) {
        return tails[head(run)];
    }

    Buffer buffer(int node) {
        return buffers[node];
    }

    /** Bytes of the stream that a node holds, from the first of its buffer on. */
    int length(int node) {
        return lengths[node];
    }

    /** Bytes that may be added behind those that a node holds. */
    int room(int node) {
        return buffers[node].length() - lengths[node];
    }

    /** The first run that ends at {@code sequence} or after it; {@link #count} if there is none. */
    int firstEndingAtOrAfter(int sequence) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (SequenceNumber.isBefore(end(middle), sequence)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The run that holds the byte {@code sequence}, or {@link #NONE}. */
    int containing(int sequence) {
        int run = firstEndingAtOrAfter(sequence + 1);
        return run < count && SequenceNumber.isAtOrBefore(start(run), sequence) ? run : NONE;
    }

    /** Inserts a run of one buffer before the run of this number. */
    void insert(int run, int start, Buffer buffer, int length) {
        int node = newNode(start, buffer, length);
        tails[node] = node;
        insertEntry(run, node);
        assert isSortedAround(run);
    }

    /** Adds a buffer at the end of a run. */
    void append(int run, Buffer buffer, int length) {
        int end = end(run);
        int node = newNode(end, buffer, length);
        int head = head(run);
        int tail = tails[head];
        following[tail] = node;
        preceding[node] = tail;
        tails[head] = node;
        assert isSortedAround(run);
    }

    /** The node holds {@code bytes} more, which were written behind those it held. */
    void extend(int node, int bytes) {
        lengths[node] += bytes;
        assert room(node) >= 0;
    }

    /** A run and the one behind it, which touch, become one. */
    void join(int run) {
        assert end(run) == start(run + 1);
        int head = head(run);
        int nextHead = head(run + 1);
        following[tails[head]] = nextHead;
        preceding[nextHead] = tails[head];
        tails[head] = tails[nextHead];
        removeEntry(run + 1);
    }

    /**
     * Removes the node behind {@code node}, of this run; its bytes were moved into {@code node}.
     */
    Buffer removeFollowing(int run, int node) {
        int gone = following[node];
        int behind = following[gone];
        following[node] = behind;
        if (behind == NONE) {
            tails[head(run)] = node;
        } else {
            preceding[behind] = node;
        }
        return release(gone);
    }

    /** Removes the first node; its buffer is the caller's, with exactly the bytes it held. */
    Buffer removeFirst() {
        int head = head(0);
        int behind = following[head];
        if (behind == NONE) {
            removeEntry(0);
        } else {
            preceding[behind] = NONE;
            tails[behind] = tails[head];
            order[orderFirst] = behind;
        }
        return release(head);
    }

    /** Removes the last node; its buffer is the caller's, with exactly the bytes it held. */
    Buffer removeLast() {
        int head = head(count - 1);
        int tail = tails[head];
        int before = preceding[tail];
        if (before == NONE) {
            removeEntry(count - 1);
        } else {
            following[before] = NONE;
            tails[head] = before;
        }
        return release(tail);
    }

    /** Gives back the arrays; there must be no run. */
    void forget() {
        assert count == 0 && nodes == 0;
        buffers = null;
        starts = null;
        lengths = null;
        following = null;
        preceding = null;
        tails = null;
        order = null;
        orderFirst = 0;
        free = NONE;
    }

    private int newNode(int start, Buffer buffer, int length) {
        assert length > 0 && length <= buffer.length();
        if (free == NONE) {
            grow();
        }
        int node = free;
        free = following[node];
        buffers[node] = buffer;
        starts[node] = start;
        lengths[node] = length;
        following[node] = NONE;
        preceding[node] = NONE;
        nodes++;
        return node;
    }

    private Buffer release(int node) {
        Buffer buffer = buffers[node];
        buffer.trim(lengths[node]);
        buffers[node] = null;
        following[node] = free;
        free = node;
        nodes--;
        if (nodes == 0 && buffers.length > SLOTS_KEPT) {
            forget();
        }
        return buffer;
    }

    private void grow() {
        int had = buffers == null ? 0 : buffers.length;
        int slots = had == 0 ? SLOTS_KEPT : 2 * had;
        buffers = had == 0 ? new Buffer[slots] : Arrays.copyOf(buffers, slots);
        starts = grown(starts, slots);
        lengths = grown(lengths, slots);
        following = grown(following, slots);
        preceding = grown(preceding, slots);
        tails = grown(tails, slots);
        order = grown(order, slots);
        for (int node = slots - 1; node >= had; node--) {
            following[node] = free;
            free = node;
        }
    }

    private static int[] grown(int[] array, int slots) {
        return array == null ? new int[slots] : Arrays.copyOf(array, slots);
    }

    private void insertEntry(int run, int node) {
        boolean fullBehind = orderFirst + count == order.length;
        // There are at most as many runs as nodes: if it is full behind, it is not before.
        assert !fullBehind || orderFirst > 0;
        if (fullBehind || (orderFirst > 0 && run < count / 2)) {
            System.arraycopy(order, orderFirst, order, orderFirst - 1, run);
            orderFirst--;
        } else {
            int from = orderFirst + run;
            System.arraycopy(order, from, order, from + 1, count - run);
        }
        order[orderFirst + run] = node;
        count++;
    }

    private void removeEntry(int run) {
        if (run < count / 2) {
            System.arraycopy(order, orderFirst, order, orderFirst + 1, run);
            orderFirst++;
        } else {
            int from = orderFirst + run;
            System.arraycopy(order, from + 1, order, from, count - run - 1);
        }
        count--;
        if (count == 0) {
            orderFirst = 0;
        }
    }

    private boolean isSortedAround(int run) {
        return SequenceNumber.isBefore(start(run), end(run))
                && (run == 0 || SequenceNumber.isAtOrBefore(end(run - 1), start(run)))
                && (run == count - 1 || SequenceNumber.isAtOrBefore(end(run), start(run + 1)));
    }
}
