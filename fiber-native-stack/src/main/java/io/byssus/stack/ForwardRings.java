package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.Reactor;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/**
 * Frames that arrived on one shard and belong to another: a bounded ring for each pair. A full one
 * drops, and counts; nobody waits.
 *
 * <p>A frame's memory goes back the same way, over a second ring, once its text has been copied:
 * closed where it is, it would be sent home in a task of its own.
 *
 * <p><b>Ownership:</b> each ring has the one shard's carrier as its producer and the other's as its
 * consumer; when that has left, the producer consumes.
 */
final class ForwardRings {
    static final int CAPACITY = 1024;

    private final AtomicReferenceArray<Reactor> reactors;

    /** 1 for each shard that takes nothing any more. */
    private final AtomicIntegerArray left;

    private final SpscVarHandleArrayQueue<Buffer>[][] rings;

    /** By whom the frames belong to, and by whom had them. */
    private final SpscVarHandleArrayQueue<Buffer>[][] returns;

    ForwardRings(int shards) {
        this(shards, CAPACITY);
    }

    /** With room for so many frames in each. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // arrays of generic types
    ForwardRings(int shards, int capacity) {
        reactors = new AtomicReferenceArray<>(shards);
        left = new AtomicIntegerArray(shards);
        rings = new SpscVarHandleArrayQueue[shards][shards];
        returns = new SpscVarHandleArrayQueue[shards][shards];
        for (int from = 0; from < shards; from++) {
            for (int to = 0; to < shards; to++) {
                if (from != to) {
                    rings[from][to] = new SpscVarHandleArrayQueue<>(capacity);
                    returns[from][to] = new SpscVarHandleArrayQueue<>(capacity);
                }
            }
        }
    }

    int shards() {
        return reactors.length();
    }

    /** The shard takes part from now on. */
    void join(Reactor reactor) {
        reactors.set(reactor.shard(), reactor);
    }

    /** The shard has taken its last frame. */
    void leave(int shard) {
        left.set(shard, 1);
    }

    /**
     * Passes a frame on, whose owner is the other shard now.
     *
     * @return false if there is no room, or the other has left: the frame stays the caller's
     */
    boolean offer(int from, int to, Buffer frame) {
        if (left.get(to) != 0 || !rings[from][to].offer(frame)) {
            return false;
        }
        Reactor target = reactors.get(to);
        if (target != null) {
            target.wakeIfAsleep();
        }
        return true;
    }

    /** The next frame from one shard to another, owned by the caller; null if there is none. */
    Buffer poll(int from, int to) {
        return rings[from][to].relaxedPoll();
    }

    /** Gives a frame back that {@code to} has taken; {@code from} finds it in one of its turns. */
    void giveBack(int from, int to, Buffer frame) {
        if (!returns[from][to].offer(frame)) {
            frame.close();
        }
    }

    /**
     * Releases what {@code to} has given back, and what it will never take; on {@code from}.
     *
     * @return how many frames that were
     */
    int reclaim(int from, int to) {
        int count = close(returns[from][to]);
        return left.get(to) == 0 ? count : count + close(rings[from][to]);
    }

    private static int close(SpscVarHandleArrayQueue<Buffer> frames) {
        int count = 0;
        Buffer frame;
        while ((frame = frames.relaxedPoll()) != null) {
            frame.close();
            count++;
        }
        return count;
    }
}
