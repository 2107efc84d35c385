package io.byssus.runtime.shard;

import io.byssus.runtime.reactor.MessageSource;
import io.byssus.runtime.reactor.Reactor;

/**
 * The rings through which the other shards call this one.
 *
 * <p><b>Ownership:</b> confined to the receiving shard.
 */
final class CallInbox implements MessageSource {
    private final Reactor target;
    private final CallRing[] rings;

    CallInbox(Reactor target, CallRing[] rings) {
        this.target = target;
        this.rings = rings;
    }

    /** Starts a fiber for each call that waits, a ring's length from each shard at most. */
    @Override
    public int drain() {
        int total = 0;
        for (CallRing ring : rings) {
            int count = 0;
            ShardCall<?> call;
            while (count < CallRing.CAPACITY && (call = ring.poll()) != null) {
                call.start(target);
                count++;
            }
            if (count > 0) {
                ring.roomMade();
                total += count;
            }
        }
        return total;
    }

    @Override
    public boolean isEmpty() {
        for (CallRing ring : rings) {
            if (!ring.isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
