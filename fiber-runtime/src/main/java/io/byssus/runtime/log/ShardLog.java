package io.byssus.runtime.log;

import java.lang.System.Logger.Level;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;

/**
 * Hands log records to {@link System.Logger} on a daemon thread. Bounded: when the appender cannot
 * follow, records are dropped and counted, and the count is logged.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class ShardLog {
    private static final int CAPACITY = 4096;

    private static final MpscVarHandleArrayQueue<Entry> QUEUE =
            new MpscVarHandleArrayQueue<>(CAPACITY);
    private static final System.Logger LOGGER = System.getLogger("io.byssus");
    private static final AtomicLong DROPPED = new AtomicLong();
    private static final Thread WRITER =
            Thread.ofPlatform().daemon().name("byssus-log").unstarted(ShardLog::write);

    private record Entry(Level level, String message, Throwable cause, CountDownLatch written) {}

    private ShardLog() {}

    /**
     * Starts the writer; from an unpinned thread, so that it inherits no core. One record goes all
     * the way at once: later there may be no descriptor left to load a class with.
     */
    public static synchronized void start() {
        if (WRITER.getState() == Thread.State.NEW) {
            WRITER.start();
            debug("the log has started", null);
            offer(marker(new CountDownLatch(1)));
        }
    }

    public static void debug(String message, Throwable cause) {
        log(Level.DEBUG, message, cause);
    }

    public static void info(String message) {
        log(Level.INFO, message, null);
    }

    public static void warning(String message) {
        log(Level.WARNING, message, null);
    }

    public static void error(String message, Throwable cause) {
        log(Level.ERROR, message, cause);
    }

    private static void log(Level level, String message, Throwable cause) {
        offer(new Entry(level, message, cause, null));
    }

    /**
     * Waits until everything logged before has been written, for at most {@code millis}. For the
     * end of a program; not for a carrier.
     */
    public static void flush(long millis) throws InterruptedException {
        if (!WRITER.isAlive()) {
            return;
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        CountDownLatch written = new CountDownLatch(1);
        Entry marker = marker(written);
        while (!QUEUE.offer(marker)) {
            if (System.nanoTime() - deadline >= 0) {
                return;
            }
            Thread.yield(); // the queue is full, and the writer at work
        }
        LockSupport.unpark(WRITER);
        if (!written.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            DROPPED.incrementAndGet(); // at least the marker is late; the count is told if it goes
            // on
        }
    }

    /** Tells when everything before it has been written. */
    private static Entry marker(CountDownLatch written) {
        return new Entry(null, null, null, written);
    }

    private static boolean offer(Entry entry) {
        if (!QUEUE.offer(entry)) {
            DROPPED.incrementAndGet();
            return false;
        }
        LockSupport.unpark(WRITER);
        return true;
    }

    private static void write() {
        loadTimeZone();
        while (true) {
            Entry entry = QUEUE.poll();
            if (entry == null) {
                LockSupport.park(ShardLog.class);
            } else {
                try {
                    write(LOGGER, entry);
                } catch (Throwable e) {
                    // allow StandardStreams: the appender failed, and this is what is left
                    System.err.println(entry.level + ": " + entry.message + " (log: " + e + ")");
                }
            }
        }
    }

    /**
     * Formatters print the time, whose zone's rules are read from a file: now, while there are
     * descriptors. Failing once, that would fail for ever.
     */
    private static void loadTimeZone() {
        String ignored = String.format("%1$tb %1$tZ", ZonedDateTime.now(ZoneId.systemDefault()));
        assert !ignored.isEmpty();
    }

    private static void write(System.Logger logger, Entry entry) {
        if (entry.written != null) {
            entry.written.countDown();
            return;
        }
        long dropped = DROPPED.getAndSet(0);
        if (dropped > 0) {
            logger.log(Level.WARNING, dropped + " log records were dropped: the log is too slow");
        }
        logger.log(entry.level, entry.message, entry.cause);
    }
}
