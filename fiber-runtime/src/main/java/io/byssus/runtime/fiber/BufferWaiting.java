package io.byssus.runtime.fiber;

import io.byssus.runtime.log.LogLimit;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.MemoryRequest;
import io.byssus.runtime.memory.MemoryWaiting;
import io.byssus.runtime.reactor.Reactor;
import java.util.List;

/**
 * Fibers that wait for buffer memory: each parks at a place of its own, in the pool's queue.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class BufferWaiting implements MemoryWaiting {
    private static final long LOG_INTERVAL_NANOS = 10_000_000_000L;

    private final Reactor reactor;
    private final LogLimit log = new LogLimit(LOG_INTERVAL_NANOS);

    private BufferWaiting(Reactor reactor) {
        this.reactor = reactor;
    }

    /** Lets fibers of {@code reactor}'s shard wait for its buffers. Idempotent. */
    static void install(Reactor reactor) {
        if (!reactor.buffers().knowsWaiting()) {
            reactor.buffers().waiting(new BufferWaiting(reactor));
        }
    }

    @Override
    public MemoryRequest request(long bytes) {
        long held = log.tryAcquire(reactor.coarseNanoTime());
        if (held >= 0) {
            ShardLog.warning(
                    "shard "
                            + reactor.shard()
                            + ": buffer memory is used up: "
                            + reactor.buffers().liveBytes()
                            + " of "
                            + reactor.buffers().limits().usableBytes()
                            + " bytes; a fiber waits for "
                            + bytes
                            + (held > 0 ? " (" + held + " times since the last message)" : ""));
        }
        return new Request(bytes, reactor);
    }

    private static final class Request extends MemoryRequest implements Awaited {
        private final Reactor reactor;
        private final WaitPoint point = new WaitPoint();

        Request(long bytes, Reactor reactor) {
            super(bytes);
            this.reactor = reactor;
        }

        @Override
        protected void wake() {
            point.signal();
        }

        @Override
        protected void await(long timeoutNanos, long deadlineNanos) {
            WaitPoint.Outcome outcome =
                    point.await(
                            reactor,
                            timeoutNanos,
                            deadlineNanos,
                            WaitPoint.Cancellation.HEEDED,
                            this);
            assert isGranted() || outcome == WaitPoint.Outcome.TIMED_OUT;
        }

        /** Whoever holds a buffer; nobody knows who that is. */
        @Override
        public List<Thread> holders() {
            return List.of();
        }

        @Override
        public String toString() {
            return bytes()
                    + " bytes of the buffer memory of shard "
                    + reactor.shard()
                    + " ("
                    + reactor.buffers().liveBytes()
                    + " of "
                    + reactor.buffers().limits().usableBytes()
                    + " in use, "
                    + reactor.buffers().waitingFibers()
                    + " fibers wait)";
        }
    }
}
