package io.byssus.runtime.diagnostics;

import io.byssus.runtime.os.HostSystem;
import io.byssus.runtime.os.ThreadTimes;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What a platform thread's time was spent on, as of the last {@link #read}, and what it does now.
 *
 * <p><b>Ownership:</b> confined to the sampler.
 */
interface PlatformTimes extends AutoCloseable {
    /** Looks, without the thread noticing. */
    void read();

    /** Nanoseconds on a processor. */
    long runNanos();

    /** Nanoseconds in a run queue, a wait that goes on apart. */
    long waitNanos();

    /** Whether it wants a processor at this moment. */
    ThreadTimes.State state();

    @Override
    void close();

    /**
     * What this system tells of a platform thread.
     *
     * @param kernelId the kernel's number of the thread; 0 as long as it has none
     * @param threadId the JVM's number of it
     */
    static PlatformTimes of(IntSupplier kernelId, LongSupplier threadId) {
        return HostSystem.isLinux() ? ofKernel(kernelId) : new OfJvm(threadId);
    }

    /**
     * The kernel's figures.
     *
     * @param threadId the kernel's number of the thread; 0 as long as it has none
     */
    static PlatformTimes ofKernel(IntSupplier threadId) {
        return new OfKernel(threadId);
    }

    /** Opened at the first reading with a thread number. */
    final class OfKernel implements PlatformTimes {
        private final IntSupplier threadId;
        private ThreadTimes times;

        OfKernel(IntSupplier threadId) {
            this.threadId = threadId;
        }

        @Override
        public void read() {
            if (times == null) {
                int id = threadId.getAsInt();
                if (id == 0) {
                    return;
                }
                times = new ThreadTimes(id);
            }
            times.read();
        }

        @Override
        public long runNanos() {
            return times == null ? 0 : times.runNanos();
        }

        @Override
        public long waitNanos() {
            return times == null ? 0 : times.waitNanos();
        }

        @Override
        public ThreadTimes.State state() {
            return times == null ? ThreadTimes.State.UNKNOWN : times.state();
        }

        @Override
        public void close() {
            if (times != null) {
                times.close();
            }
        }
    }

    /**
     * The JVM's, which knows the time on a processor only: a thread that waits for one looks as if
     * it waited for something else.
     */
    final class OfJvm implements PlatformTimes {
        private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

        private final LongSupplier threadId;
        private long runNanos;

        OfJvm(LongSupplier threadId) {
            this.threadId = threadId;
        }

        @Override
        public void read() {
            if (THREADS.isThreadCpuTimeSupported()) {
                runNanos = Math.max(THREADS.getThreadCpuTime(threadId.getAsLong()), runNanos);
            }
        }

        @Override
        public long runNanos() {
            return runNanos;
        }

        @Override
        public long waitNanos() {
            return 0;
        }

        @Override
        public ThreadTimes.State state() {
            return ThreadTimes.State.UNKNOWN;
        }

        @Override
        public void close() {}
    }
}
