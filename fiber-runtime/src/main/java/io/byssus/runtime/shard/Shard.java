package io.byssus.runtime.shard;

import io.byssus.runtime.diagnostics.ShardStalls;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.Affinity;
import io.byssus.runtime.reactor.Carrier;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ShardLocal;
import java.util.BitSet;

/**
 * One of the runtime's shards: a carrier thread, the fibers that live on it, and the data that only
 * they touch.
 *
 * <p><b>Ownership:</b> the object may be used from any thread; its fibers and buffers belong to the
 * shard.
 */
public final class Shard {
    static final ShardLocal<Shard> LOCAL =
            new ShardLocal<>(reactor -> {
                throw new IllegalStateException(
                        "reactor " + reactor.shard() + " is not part of a runtime");
            });

    private final Shards shards;
    private final Reactor reactor;
    private final Carrier carrier;
    private final StopHooks stopHooks = new StopHooks();
    private final ShardStalls stalls = new ShardStalls();

    Shard(Shards shards, Reactor reactor, int cpu) {
        this.shards = shards;
        this.reactor = reactor;
        this.carrier =
                new Carrier(
                        "byssus-shard-" + reactor.shard(),
                        () -> {
                            bind(cpu);
                            reactor.run();
                            shards.close(this);
                        });
        carrier.setDaemon(true);
        LOCAL.set(reactor, this);
    }

    /**
     * The shard of the calling fiber.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public static Shard current() {
        return LOCAL.get();
    }

    /** Its number: 0 to {@code shards().count() - 1}. */
    public int id() {
        return reactor.shard();
    }

    /** The runtime it is part of. */
    public Shards shards() {
        return shards;
    }

    /** Its loop. */
    public Reactor reactor() {
        return reactor;
    }

    /** Its buffers; for fibers of this shard. */
    public BufferPool buffers() {
        return reactor.buffers();
    }

    /**
     * A buffer of this shard's pool, for a fiber of this shard, which owns it. Parks while the
     * shard's buffer memory is used up: first come, first served, for the runtime's {@linkplain
     * RuntimeOptions#bufferWait time} at most. A fiber that holds buffers and waits for more is one
     * of those whom others may be waiting for: take what is needed at once, or give back first.
     *
     * @throws IllegalArgumentException if {@code length} is negative
     * @throws io.byssus.runtime.memory.BufferMemoryException if no memory came back in time, or
     *     there will never be as much
     * @throws io.byssus.runtime.fiber.FiberCancelledException if the fiber is cancelled while it
     *     waits
     */
    public Buffer allocate(int length) {
        return reactor.buffers().allocate(length);
    }

    /** As {@link #allocate(int)}, waiting no longer than until {@code deadline} either. */
    public Buffer allocate(int length, Deadline deadline) {
        return reactor.buffers().allocate(length, 0, deadline.nanos());
    }

    /**
     * Runs {@code hook} on this shard when the runtime begins to stop; for a fiber of this shard.
     *
     * @return takes the hook back
     */
    public Runnable onStop(Runnable hook) {
        return stopHooks.add(hook);
    }

    /** What the stall detector has seen of it; from any thread. */
    public ShardStalls stalls() {
        return stalls;
    }

    StopHooks stopHooks() {
        return stopHooks;
    }

    /** The thread id of its carrier. */
    public long carrierId() {
        return carrier.threadId();
    }

    Carrier carrier() {
        return carrier;
    }

    /** Without a processor of its own, the whole process's: the starter may be a bound thread. */
    private static void bind(int cpu) {
        if (!Affinity.isSupported()) {
            return;
        }
        BitSet cpus = Affinity.ofProcess();
        if (cpu >= 0) {
            cpus.clear();
            cpus.set(cpu);
        }
        if (!Affinity.bindThread(cpus)) {
            ShardLog.warning(
                    Thread.currentThread().getName() + " could not be bound to processors " + cpus);
        }
    }

    @Override
    public String toString() {
        return "shard " + id();
    }
}
