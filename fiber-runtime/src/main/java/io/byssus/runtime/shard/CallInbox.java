package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.reactor.MessageSource;
import io.byssus.runtime.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;

/**
 * One shard's end of the rings between it and the others. Every turn looks through them, so no loop
 * here has an iterator: whether the JIT makes it vanish depends on what else has run.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class CallInbox implements MessageSource {
    private final Reactor reactor;

    /** Through which others call this shard. */
    private final List<CallRing> incoming = new ArrayList<>();

    /** Through which this shard calls others, and gets their answers. */
    private final List<CallRing> outgoing = new ArrayList<>();

    /** Neighbours that may not have noticed what was sent in this turn. */
    private final List<Doorbell> uncertain = new ArrayList<>();

    CallInbox(Reactor reactor) {
        this.reactor = reactor;
    }

    /** Makes the ring through which this shard calls {@code target}'s; before the first turn. */
    CallRing callsTo(CallInbox target) {
        CallRing ring =
                new CallRing(
                        reactor,
                        new Doorbell(target.reactor, this),
                        target.reactor,
                        new Doorbell(reactor, target));
        outgoing.add(ring);
        target.incoming.add(ring);
        return ring;
    }

    /** The ring to another shard; made by {@link #callsTo}, one by one, in the order of numbers. */
    CallRing ringTo(int target) {
        return outgoing.get(target < reactor.shard() ? target : target - 1);
    }

    /** Takes the answers, and a ring's length of calls from each shard at most. */
    @Override
    public int drain() {
        int total = 0;
        for (int i = 0; i < outgoing.size(); i++) {
            total += outgoing.get(i).takeAnswers();
        }
        for (int i = 0; i < incoming.size(); i++) {
            CallRing ring = incoming.get(i);
            int count = takeCalls(ring);
            if (count > 0) {
                ring.roomMade();
                total += count;
            }
        }
        return total;
    }

    private int takeCalls(CallRing ring) {
        int count = 0;
        ShardCall<?> call;
        while (count < CallRing.CAPACITY && (call = ring.poll()) != null) {
            Fiber.executeOn(reactor, call.group(), call);
            count++;
        }
        return count;
    }

    void publishLater(Doorbell bell) {
        assert reactor.isCurrent();
        uncertain.add(bell);
    }

    @Override
    public void publish() {
        if (!uncertain.isEmpty()) {
            uncertain.forEach(Doorbell::ringForCertain);
            uncertain.clear();
        }
    }

    @Override
    public boolean isEmpty() {
        for (int i = 0; i < incoming.size(); i++) {
            if (!incoming.get(i).hasNoCall()) {
                return false;
            }
        }
        for (int i = 0; i < outgoing.size(); i++) {
            if (!outgoing.get(i).hasNoAnswer()) {
                return false;
            }
        }
        return true;
    }
}
