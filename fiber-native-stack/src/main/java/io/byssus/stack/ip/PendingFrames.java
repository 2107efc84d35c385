package io.byssus.stack.ip;

import io.byssus.runtime.memory.Buffer;

/**
 * Frames that wait for a neighbour's Ethernet address, a queue for each (RFC 1122, 2.3.2.2). Of a
 * full queue the oldest frame is dropped, and when all of them hold too much, the oldest of all.
 *
 * <p><b>Ownership:</b> confined to its shard; it owns the frames until they are taken.
 */
final class PendingFrames {
    private static final int NONE = IndexLists.NONE;

    /** Of {@link #byAge}. */
    private static final int ALL = 0;

    private final int perQueueMax;
    private final long bytesMax;
    private final Buffer[] frames;
    private final int[] queueOf;
    private final int[] countOf;

    /** The last list is that of the unused places. */
    private final IndexLists byQueue;

    private final IndexLists byAge;
    private final int unused;
    private long bytes;
    private long dropped;

    PendingFrames(int queues, int perQueueMax, int framesMax, long bytesMax) {
        this.perQueueMax = perQueueMax;
        this.bytesMax = bytesMax;
        frames = new Buffer[framesMax];
        queueOf = new int[framesMax];
        countOf = new int[queues];
        unused = queues;
        byQueue = new IndexLists(framesMax, queues + 1);
        byAge = new IndexLists(framesMax, 1);
        for (int place = 0; place < framesMax; place++) {
            byQueue.append(unused, place);
        }
    }

    /** Takes a frame over. */
    void add(int queue, Buffer frame) {
        int charge = frame.capacity();
        if (charge > bytesMax) {
            drop(frame);
            return;
        }
        if (countOf[queue] == perQueueMax) {
            drop(take(queue));
        }
        while (byQueue.isEmpty(unused) || bytes + charge > bytesMax) {
            drop(take(queueOf[byAge.first(ALL)]));
        }
        int place = byQueue.first(unused);
        byQueue.remove(unused, place);
        byQueue.append(queue, place);
        byAge.append(ALL, place);
        frames[place] = frame;
        queueOf[place] = queue;
        countOf[queue]++;
        bytes += charge;
    }

    /** The oldest frame of a queue, owned by the caller, or null. */
    Buffer take(int queue) {
        int place = byQueue.first(queue);
        if (place == NONE) {
            return null;
        }
        byQueue.remove(queue, place);
        byQueue.append(unused, place);
        byAge.remove(ALL, place);
        Buffer frame = frames[place];
        frames[place] = null;
        countOf[queue]--;
        bytes -= frame.capacity();
        assert bytes >= 0 && countOf[queue] >= 0 : "bytes=" + bytes;
        return frame;
    }

    boolean isEmpty(int queue) {
        return countOf[queue] == 0;
    }

    /** Of memory that the frames keep in use. */
    long bytes() {
        return bytes;
    }

    /** Frames that found no room, or lost theirs to a newer one. */
    long dropped() {
        return dropped;
    }

    /** Drops all, uncounted. */
    void close() {
        while (!byAge.isEmpty(ALL)) {
            take(queueOf[byAge.first(ALL)]).close();
        }
    }

    private void drop(Buffer frame) {
        dropped++;
        frame.close();
    }
}
