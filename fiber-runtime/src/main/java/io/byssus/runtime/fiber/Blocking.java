package io.byssus.runtime.fiber;

import io.byssus.runtime.reactor.Reactor;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Runs code that would stop the shard (files, native calls, compression of something large) on a
 * bounded pool of platform threads, while the calling fiber is parked.
 */
public final class Blocking {
    private Blocking() {}

    /**
     * Parks the calling fiber until {@code call} has run on the pool, with the fiber's {@link
     * FiberContext}. A caller that is no fiber of a shard runs it itself.
     *
     * @return what {@code call} returned
     * @throws Exception what {@code call} threw
     * @throws FiberCancelledException if the fiber is cancelled; {@code call} is interrupted
     * @throws IllegalStateException if the runtime has stopped
     */
    public static <T> T call(Callable<T> call) throws Exception {
        if (Reactor.currentOrNull() == null) {
            return call.call();
        }
        ThreadPoolExecutor pool = BlockingPool.LOCAL.get().executor();
        FutureTask<T> future = new FutureTask<>(FiberContext.capture().wrap(call));
        try {
            pool.execute(future);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("Blocking.call: the runtime has stopped", e);
        }
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(true);
            pool.remove(future); // unless it runs
            throw Cancellations.exception("Blocking.call");
        } catch (ExecutionException e) {
            throw Thrown.exception(e.getCause());
        }
    }
}
