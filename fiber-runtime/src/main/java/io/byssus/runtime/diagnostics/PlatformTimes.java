package io.byssus.runtime.diagnostics;

import io.byssus.runtime.os.ThreadTimes;
import java.util.function.IntSupplier;

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
}
