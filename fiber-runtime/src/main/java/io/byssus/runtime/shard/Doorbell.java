package io.byssus.runtime.shard;

import io.byssus.runtime.reactor.Reactor;

/**
 * How one shard tells another that it has put something into a ring for it. A neighbour that is
 * awake sees the ring without being told, so this looks whether it sleeps. To be certain takes a
 * fence, which waits until the ring's cache line has come over from the other processor; so a look
 * without a fence comes first, and if that sees nobody asleep, the certain one follows at the end
 * of the turn, once for all that was sent in it.
 *
 * <p>A neighbour is late by the rest of the turn only if it went to sleep in the very moment in
 * which something was sent.
 *
 * <p><b>Ownership:</b> confined to the shard that rings.
 */
final class Doorbell {
    private final Reactor neighbour;
    private final CallInbox own;
    private boolean uncertain;

    Doorbell(Reactor neighbour, CallInbox own) {
        this.neighbour = neighbour;
        this.own = own;
    }

    /** Something was put into a ring. */
    void ring() {
        if (!uncertain && !neighbour.wakeIfSeenAsleep()) {
            uncertain = true;
            own.publishLater(this);
        }
    }

    /** The certain look. */
    void ringForCertain() {
        uncertain = false;
        neighbour.wakeIfAsleep();
    }
}
