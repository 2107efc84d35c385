package io.byssus.runtime.fiber;

import io.byssus.runtime.log.LogLimit;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.time.Timer;
import java.util.ArrayDeque;

/**
 * Fibers that ended in an exception which nobody has joined yet. Each is given a second for its
 * joiner to come; then the exception is reported, once, with the fiber's name and shard. When the
 * shard stops, what is left is reported at once, so that no failure is lost.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class UnjoinedFailures {
    static final long GRACE_NANOS = 1_000_000_000L;

    private final Reactor reactor;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final LogLimit expected = new LogLimit(GRACE_NANOS);
    private final Timer timer =
            new Timer() {
                @Override
                protected void onExpiry() {
                    reportDue();
                }
            };

    private record Entry(Fiber<?> fiber, long dueNanos) {}

    UnjoinedFailures(Reactor reactor) {
        this.reactor = reactor;
    }

    void add(Fiber<?> fiber) {
        long dueNanos = reactor.clock().nanoTime() + GRACE_NANOS;
        entries.add(new Entry(fiber, dueNanos));
        if (!timer.isArmed()) {
            reactor.arm(timer, dueNanos);
        }
    }

    /** Reports what fibers of a scope failed with as its owner was cancelled: nobody sees it. */
    void reportHidden(Fiber<?> owner, Exception cancelled) {
        for (Throwable hidden : cancelled.getSuppressed()) {
            if (hidden instanceof FiberFailedException && !isExpected(hidden)) {
                ShardLog.error(owner + " was cancelled, and a fiber of its scope failed", hidden);
            }
        }
    }

    /** Reports everything that was not joined, due or not. */
    void reportAll() {
        reactor.cancel(timer);
        for (Entry entry = entries.poll(); entry != null; entry = entries.poll()) {
            report(entry.fiber);
        }
    }

    private void reportDue() {
        long now = reactor.clock().nanoTime();
        while (!entries.isEmpty() && entries.peek().dueNanos <= now) {
            report(entries.remove().fiber);
        }
        if (!entries.isEmpty()) {
            reactor.arm(timer, entries.peek().dueNanos);
        }
    }

    /** A fiber that joined one which failed as expected fails as expected. */
    private static boolean isExpected(Throwable failure) {
        return failure instanceof ExpectedFailure
                || (failure instanceof FiberFailedException && isExpected(failure.getCause()));
    }

    private void report(Fiber<?> fiber) {
        if (fiber.isJoined()) {
            return;
        }
        Throwable failure = fiber.failure();
        if (isExpected(failure)) {
            long held = expected.tryAcquire(reactor.clock().nanoTime());
            if (held >= 0) {
                ShardLog.debug(
                        fiber + " ended: " + failure + (held > 0 ? " (and " + held + " more)" : ""),
                        null);
            }
            return;
        }
        ShardLog.error(fiber + " failed, and nobody joined it", failure);
    }
}
