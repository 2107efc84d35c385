package io.byssus.runtime.fiber;

import io.byssus.runtime.os.Affinity;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ShardLocal;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The platform threads that run what would stop a shard, shared by the shards of a runtime.
 *
 * <p>Its queue has no bound of its own: each entry is a parked fiber's. Threads are made on demand,
 * perhaps from a pinned carrier, so each first takes back the whole process's processors.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class BlockingPool implements AutoCloseable {
    private static final int IDLE_SECONDS = 10;

    /** The pool of each shard's runtime. */
    static final ShardLocal<BlockingPool> LOCAL =
            new ShardLocal<>(reactor -> {
                throw new IllegalStateException(
                        "shard " + reactor.shard() + " has no blocking pool");
            });

    private final ThreadPoolExecutor executor;

    /**
     * @param threads how many calls run at once at most
     */
    public BlockingPool(int threads) {
        executor =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        BlockingPool::newThread);
        executor.allowCoreThreadTimeOut(true);
    }

    /** Makes this the pool of the shard whose carrier calls. */
    public void install(Reactor reactor) {
        LOCAL.set(reactor, this);
    }

    ThreadPoolExecutor executor() {
        return executor;
    }

    private static Thread newThread(Runnable worker) {
        Runnable unbound =
                () -> {
                    Affinity.bindThread(Affinity.ofProcess());
                    worker.run();
                };
        // It serves every fiber, so it inherits nothing from the one that happens to need it now.
        Thread thread = new Thread(null, unbound, "", 0, false);
        thread.setName("byssus-blocking-" + thread.threadId());
        thread.setDaemon(true);
        return thread;
    }

    /** Takes no more calls; interrupts the running ones. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
