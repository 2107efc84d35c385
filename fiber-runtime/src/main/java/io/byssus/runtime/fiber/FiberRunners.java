package io.byssus.runtime.fiber;

import io.byssus.runtime.os.Loom;
import io.byssus.runtime.reactor.Reactor;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * Fibers for many short tasks, such as calls from other shards. Each task runs on a fiber that has
 * no other task until this one has ended, and may park; but a fiber whose task has ended runs the
 * next, so that a batch of tasks that do not park costs one switch and no garbage.
 *
 * <p>Tasks begin in the order in which they came. As long as there are any, a second fiber is in
 * the run queue before the first runs one: should that task park, the second goes on.
 *
 * <p>Nobody can tell that a fiber has run another task before. One that could be told (the task has
 * asked for its {@link Fiber}, or has left thread-locals behind, or has changed what else belongs
 * to a thread) ends with its task. Between tasks, a fiber does not count as live.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class FiberRunners {
    /** Of these calls are most: the name that dumps show. */
    private static final String NAME = "submitTo";

    /** After so many tasks a fiber lets the others of its shard run. */
    private static final int BATCH_MAX = 32;

    private final FiberScheduler scheduler;
    private final Reactor reactor;
    private final int idleMax;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final ArrayDeque<Runner> idle = new ArrayDeque<>();

    /** In the run queue, to run what waits; null if there is none. */
    private Runner summoned;

    private boolean closed;

    /**
     * @param idleMax how many fibers may wait for work; more end
     */
    FiberRunners(FiberScheduler scheduler, int idleMax) {
        this.scheduler = scheduler;
        this.reactor = scheduler.reactor();
        this.idleMax = idleMax;
    }

    /**
     * Runs {@code task} on a fiber, soon.
     *
     * @param task throws nothing
     */
    void execute(Runnable task) {
        waiting.add(task);
        if (summoned == null) {
            summon();
        }
    }

    /** No more fibers are kept: those that are idle end in the next turn. */
    void close() {
        closed = true;
        idle.forEach(Runner::wake);
        idle.clear();
    }

    private void summon() {
        assert summoned == null;
        summoned = idle.pollLast(); // the one whose stack is still in the cache
        if (summoned != null) {
            summoned.wake();
        } else {
            summoned = new Runner();
            Fiber<Void> fiber = Fiber.startAfresh(scheduler, NAME, summoned);
            assert fiber != null;
        }
    }

    private final class Runner implements Callable<Void> {
        private Thread thread;
        private Fiber<?> fiber;
        private ClassLoader contextClassLoader;

        @Override
        public Void call() {
            thread = Thread.currentThread();
            contextClassLoader = thread.getContextClassLoader();
            fiber = Fiber.of(thread);
            while (runBatch() && !closed && idle.size() < idleMax) {
                idle.add(this);
                fiber.leaveRoster();
                while (summoned != this && !closed) {
                    LockSupport.park(FiberRunners.this);
                    boolean ignored = Thread.interrupted(); // meant for a task that has ended
                }
            }
            return null;
        }

        void wake() {
            fiber.enterRoster(); // now, so that the shard does not look idle until it runs
            LockSupport.unpark(thread);
        }

        /** Whether this fiber may run more. */
        private boolean runBatch() {
            if (summoned == this) {
                summoned = null;
            }
            boolean reusable = true;
            for (int count = 0; reusable && count < BATCH_MAX; count++) {
                Runnable task = waiting.poll();
                if (task == null) {
                    break;
                }
                if (summoned == null && !waiting.isEmpty()) {
                    summon();
                }
                fiber.cancelIfStopping();
                task.run();
                reusable = forget();
                if (reactor.countOperation()) {
                    break;
                }
            }
            assert waiting.isEmpty() || summoned != null : "tasks that nobody will run";
            return reusable;
        }

        /** Whether nothing is left of the last task. */
        private boolean forget() {
            boolean ignored = Thread.interrupted();
            fiber.forgetTask();
            return !fiber.isExposed()
                    && Fiber.of(thread) == fiber // else another handler of exceptions was set
                    && thread.getContextClassLoader() == contextClassLoader
                    && !Loom.hasThreadLocals(thread)
                    && !Loom.hasInheritableThreadLocals(thread)
                    && thread.getName().equals(NAME);
        }
    }
}
