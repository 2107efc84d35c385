package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.Reactor;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/**
 * Frames that arrived on one shard and belong to another: a bounded ring for each pair. A full one
 * drops, and counts; nobody waits.
 *
 * <p><b>Ownership:</b> each ring has the one shard's carrier as its producer and the other's as its
 * consumer.
 */
final class ForwardRings {
    private static final int CAPACITY = 1024;

    private final AtomicReferenceArray<Reactor> reactors;
    private final SpscVarHandleArrayQueue<Buffer>[][] rings;

    @SuppressWarnings({"unchecked", "rawtypes"}) // arrays of generic types
    ForwardRings(int shards) {
        reactors = new AtomicReferenceArray<>(shards);
        rings = new SpscVarHandleArrayQueue[shards][shards];
        for (int from = 0; from < shards; from++) {
            for (int to = 0; to < shards; to++) {
                if (from != to) {
                    rings[from][to] = new SpscVarHandleArrayQueue<>(CAPACITY);
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

    /**
     * Passes a frame on, whose owner is the other shard now.
     *
     * @return false if there is no room: the frame stays the caller's
     */
    boolean offer(int from, int to, Buffer frame) {
        if (!rings[from][to].offer(frame)) {
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

    boolean isEmpty(int to) {
        for (int from = 0; from < reactors.length(); from++) {
            if (from != to && !rings[from][to].isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
