package io.byssus.runtime.sync;

import java.util.List;

/**
 * A lock that many readers share, or one writer has alone.
 *
 * <p>Policy: first come, first served. A reader that comes while a writer waits waits behind it,
 * although it could read at once; so a stream of readers does not starve a writer. When a writer
 * leaves, all readers at the head of the queue, up to the next writer, go in together; so writers
 * do not starve readers either.
 *
 * <p>Neither side is reentrant, and a reader cannot become a writer nor the other way round: each
 * try fails with an {@link IllegalStateException}, where it could have waited for itself.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class ReadWriteLock {
    private static final long SHARED = 0;
    private static final long EXCLUSIVE = 1;

    private final Reading read;
    private final Writing write;

    /** Of both kinds, told apart by their demand. */
    private final WaitQueue waiters;

    private final HolderSet readers = new HolderSet();

    /** Null when nobody writes; never together with readers. */
    private Thread writer;

    /**
     * A lock that nobody holds.
     *
     * @throws IllegalStateException if the caller is not on a shard
     */
    public ReadWriteLock(String name) {
        this.read = new Reading(this, name);
        this.write = new Writing(this, name);
        this.waiters = new WaitQueue(read);
    }

    /** The side that is shared. */
    public Lock read() {
        return read;
    }

    /** The side for one fiber alone. */
    public Lock write() {
        return write;
    }

    /** Lets those in who are first and can be together. */
    private void serve() {
        WaitQueue.Waiter first;
        while ((first = waiters.first()) != null && writer == null) {
            if (first.demand() == SHARED) {
                readers.add(first.thread());
            } else if (readers.size() == 0) {
                writer = first.thread();
            } else {
                return;
            }
            waiters.grant(first);
        }
    }

    private boolean isHeldBy(Thread thread) {
        return writer == thread || readers.contains(thread);
    }

    @Override
    public String toString() {
        return "read-write lock '" + read.name() + "' (" + state() + ")";
    }

    private String state() {
        Thread thread = writer;
        return (thread != null
                        ? "written by " + Confined.describe(thread)
                        : readers.size() + " read")
                + ", "
                + waiters.size()
                + " wait";
    }

    /** What both sides have in common. */
    abstract static sealed class Side extends Lock {
        final ReadWriteLock whole;
        private final long mode;

        Side(ReadWriteLock whole, String kind, String name, long mode) {
            super(kind, name);
            this.whole = whole;
            this.mode = mode;
        }

        @Override
        final void await(long deadlineNanos) {
            Thread self = Thread.currentThread();
            if (whole.isHeldBy(self)) {
                throw heldAlready(self);
            }
            WaitQueue.Result result = WaitQueue.Result.TIMED_OUT;
            try {
                result = whole.waiters.await(mode, deadlineNanos, this);
            } finally {
                if (result == WaitQueue.Result.TIMED_OUT) {
                    whole.serve(); // a writer that gave up may have held up readers
                }
            }
            if (result == WaitQueue.Result.TIMED_OUT) {
                throw timeout();
            }
            assert whole.isHeldBy(self) : "handed over, but not held";
        }

        @Override
        public final int waiting() {
            return whole.waiters.size();
        }

        /** The writer or the readers: whoever waits, on either side, waits for them. */
        @Override
        public final List<Thread> holders() {
            Thread thread = whole.writer;
            return thread != null ? List.of(thread) : whole.readers.snapshot();
        }

        @Override
        final String state() {
            return whole.state();
        }
    }

    private static final class Reading extends Side {
        Reading(ReadWriteLock whole, String name) {
            super(whole, "read lock", name, SHARED);
        }

        @Override
        boolean take(Thread thread) {
            if (whole.writer != null || !whole.waiters.isEmpty()) {
                return false;
            }
            return whole.readers.add(thread);
        }

        @Override
        public void unlock() {
            // A holder is on the right shard.
            if (!whole.readers.remove(Thread.currentThread())) {
                throw notHeld();
            }
            if (whole.readers.size() == 0) {
                whole.serve();
            }
        }

        @Override
        public boolean isLocked() {
            return whole.readers.size() > 0;
        }
    }

    private static final class Writing extends Side {
        Writing(ReadWriteLock whole, String name) {
            super(whole, "write lock", name, EXCLUSIVE);
        }

        @Override
        boolean take(Thread thread) {
            if (whole.writer != null || whole.readers.size() > 0) {
                return false;
            }
            assert whole.waiters.isEmpty() : "free, and waited for";
            whole.writer = thread;
            return true;
        }

        @Override
        public void unlock() {
            if (whole.writer != Thread.currentThread()) {
                throw notHeld();
            }
            whole.writer = null;
            whole.serve();
        }

        @Override
        public boolean isLocked() {
            return whole.writer != null;
        }
    }
}
