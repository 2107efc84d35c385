package io.byssus.net.tls;

import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.os.Affinity;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The platform threads that compute handshakes: half as many as there are processors, so that the
 * shards keep theirs however many clients come at once. They are not those of {@link
 * io.byssus.runtime.fiber.Blocking}: a hundred slow files keep no client from its handshake, and a
 * thousand handshakes keep nobody from his files.
 *
 * <p>Its queue has no bound of its own: each entry is a parked fiber's, and leaves with it.
 *
 * <p><b>Ownership:</b> any thread; one for the process, and its threads go when they are idle.
 */
final class HandshakePool {
    private static final int IDLE_SECONDS = 2;

    private static final ThreadPoolExecutor POOL = newPool();

    private HandshakePool() {}

    private static ThreadPoolExecutor newPool() {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        HandshakePool::newThread);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Threads inherit the processor of the carrier that happens to start them. */
    private static Thread newThread(Runnable worker) {
        Thread thread =
                new Thread(() -> {
                    Affinity.bindThread(Affinity.ofProcess());
                    worker.run();
                });
        thread.setName("byssus-tls-" + thread.threadId());
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Parks the calling fiber until {@code step} has run. While it waits for a thread it can be
     * cancelled, and {@code step} then never runs; once it runs the fiber waits for its end, which
     * is never far, since nobody else may touch what it touches.
     *
     * @param nanos how long it may wait for a thread
     * @return whether {@code step} ran; if not, the time was over
     * @throws io.byssus.runtime.fiber.FiberCancelledException if the fiber is cancelled
     */
    static boolean run(Runnable step, long nanos) {
        FutureTask<Void> task = new FutureTask<>(step, null);
        POOL.execute(task);
        boolean interrupted = false;
        boolean limited = true;
        while (true) {
            try {
                if (limited) {
                    task.get(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
                } else {
                    task.get();
                }
                break;
            } catch (InterruptedException e) {
                if (POOL.remove(task)) {
                    throw Cancellations.exception("TLS handshake");
                }
                interrupted = true;
            } catch (TimeoutException e) {
                if (POOL.remove(task)) {
                    return false;
                }
                limited = false;
            } catch (ExecutionException e) {
                throw new AssertionError("a step keeps its failure", e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt(); // for the next wait
        }
        return true;
    }
}
