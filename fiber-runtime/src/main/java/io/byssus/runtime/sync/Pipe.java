package io.byssus.runtime.sync;

import io.byssus.runtime.fiber.Deadline;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A stream of items from one fiber to another, with an end on either side that can be closed: the
 * reader sees that the stream has ended, and the writer that nobody reads any more. In between is a
 * {@link BoundedQueue}: so many items at most, in their order.
 *
 * <p><b>Ownership:</b> confined to its shard. An item belongs to the pipe from the moment that
 * {@code write} returns; if {@code write} throws, it is still the caller's. Each end may be used by
 * several fibers, which are served in the order of arrival.
 *
 * @param <T> the type of the items, which are not null
 */
public final class Pipe<T> {
    private final Writer<T> writer;
    private final Reader<T> reader;

    /**
     * An empty pipe.
     *
     * @param capacity how many items it holds at most
     * @throws IllegalArgumentException if {@code capacity} is not positive
     * @throws IllegalStateException if the caller is not on a shard
     */
    public Pipe(String name, int capacity) {
        BoundedQueue<T> queue = new BoundedQueue<>("pipe", name, capacity);
        this.writer = new Writer<>(queue);
        this.reader = new Reader<>(queue);
    }

    /** Where items go in; the same at every call. */
    public Writer<T> writer() {
        return writer;
    }

    /** Where items come out; the same at every call. */
    public Reader<T> reader() {
        return reader;
    }

    private static IllegalStateException closedAlready(BoundedQueue<?> queue, String end) {
        return new IllegalStateException(
                queue.description() + ": its " + end + " was closed already");
    }

    @Override
    public String toString() {
        return writer.queue.toString();
    }

    /**
     * The end where items go in.
     *
     * @param <T> the type of the items
     */
    public static final class Writer<T> implements AutoCloseable {
        private final BoundedQueue<T> queue;
        private boolean closed;

        private Writer(BoundedQueue<T> queue) {
            this.queue = queue;
        }

        /**
         * Adds {@code item}; parks while the pipe is full.
         *
         * @throws ClosedException if the reader, or this end, is closed, before or meanwhile
         * @throws BrokenException if this end has aborted
         */
        public void write(T item) {
            queue.put(item);
        }

        /**
         * As {@link #write(Object)}, for at most {@code limit}.
         *
         * @throws WaitTimeoutException if there was no room by then
         */
        public void write(T item, Duration limit) {
            queue.put(item, limit);
        }

        /** As {@link #write(Object, Duration)}, until {@code deadline}. */
        public void write(T item, Deadline deadline) {
            queue.put(item, deadline);
        }

        /**
         * Tells the reader that the stream will not be complete: it fails at once with a {@link
         * BrokenException}. What was written and not read is dropped. To close afterwards does
         * nothing; where the reader has gone, this does nothing either.
         *
         * @param cause what the reader is told
         * @return what was dropped; it is the caller's again
         * @throws IllegalStateException if this end was closed already
         */
        public List<T> abort(Throwable cause) {
            queue.requireShard();
            Confined.requireCause(cause);
            if (closed) {
                throw closedAlready(queue, "writer");
            }
            return queue.isAborted() ? List.of() : queue.abort(cause);
        }

        /**
         * Ends the stream: the reader gets what was written, and then sees the end. Never parks.
         *
         * @throws IllegalStateException if this end was closed already
         */
        @Override
        public void close() {
            queue.requireShard();
            if (closed) {
                throw closedAlready(queue, "writer");
            }
            closed = true;
            if (!queue.isClosed()) {
                queue.close();
            }
        }

        @Override
        public String toString() {
            return "writer of " + queue;
        }
    }

    /**
     * The end where items come out.
     *
     * @param <T> the type of the items
     */
    public static final class Reader<T> implements AutoCloseable {
        private final BoundedQueue<T> queue;
        private boolean closed;

        private Reader(BoundedQueue<T> queue) {
            this.queue = queue;
        }

        /**
         * The next item; parks while there is none. Empty at the end of the stream, again at every
         * call.
         *
         * @throws BrokenException if the writer has aborted
         * @throws ClosedException if this end is closed
         */
        public Optional<T> read() {
            return Optional.ofNullable(queue.takeOrNull());
        }

        /**
         * As {@link #read()}, for at most {@code limit}.
         *
         * @throws WaitTimeoutException if there was no item by then
         */
        public Optional<T> read(Duration limit) {
            return Optional.ofNullable(queue.takeOrNull(limit));
        }

        /** As {@link #read(Duration)}, until {@code deadline}. */
        public Optional<T> read(Deadline deadline) {
            return Optional.ofNullable(queue.takeOrNull(deadline));
        }

        /** Takes up to {@code max} items; as {@link BoundedQueue#drainTo}. Never parks. */
        public int drainTo(Collection<? super T> target, int max) {
            return queue.drainTo(target, max);
        }

        /**
         * Says that nobody reads any more: the writer fails with {@link ClosedException}. What was
         * written and not read is dropped; where items must be closed, {@link #drainTo} before.
         * Never parks.
         *
         * @throws IllegalStateException if this end was closed already
         */
        @Override
        public void close() {
            queue.requireShard();
            if (closed) {
                throw closedAlready(queue, "reader");
            }
            closed = true;
            if (!queue.isAborted()) {
                queue.drop(": its reader is closed");
            }
        }

        @Override
        public String toString() {
            return "reader of " + queue;
        }
    }
}
