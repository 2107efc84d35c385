package io.byssus.runtime.shard;

import io.byssus.runtime.os.Affinity;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinPool.ForkJoinWorkerThreadFactory;
import java.util.concurrent.ForkJoinWorkerThread;

/**
 * Makes the workers of the JDK's common pool. They are started by whoever submits to it, perhaps by
 * a fiber, and would be bound to that shard's processor; these take back the whole process's.
 *
 * <p>Public because the JDK makes it, by name.
 */
public final class UnboundWorkers implements ForkJoinWorkerThreadFactory {
    /** For the JDK. */
    public UnboundWorkers() {}

    @Override
    public ForkJoinWorkerThread newThread(ForkJoinPool pool) {
        return new Worker(pool);
    }

    private static final class Worker extends ForkJoinWorkerThread {
        Worker(ForkJoinPool pool) {
            super(null, pool, true);
        }

        @Override
        protected void onStart() {
            super.onStart();
            Affinity.bindThread(Affinity.ofProcess());
        }
    }
}
