package io.byssus.runtime.testing;

import io.byssus.runtime.log.ShardLog;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the runtime logs while this is open, instead of the console. */
public final class LogRecords implements AutoCloseable {
    private static final long FLUSH_MILLIS = 5_000;

    private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
    private final Logger logger = Logger.getLogger("io.byssus");
    private final Level level = logger.getLevel();
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    records.add(record);
                }

                @Override
                public void flush() {
                    // nothing is held back
                }

                @Override
                public void close() {
                    // nothing is held
                }
            };

    public LogRecords() {
        ShardLog.start();
        handler.setLevel(Level.ALL);
        logger.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    /** Everything logged until now. */
    public List<LogRecord> all() {
        flush();
        return List.copyOf(records);
    }

    /** The records whose message contains {@code text}. */
    public List<LogRecord> mentioning(String text) {
        return all().stream().filter(record -> record.getMessage().contains(text)).toList();
    }

    /** Whether a record contains {@code text} by now; unlike the others, never parks the caller. */
    public boolean hasMentioned(String text) {
        return records.stream().anyMatch(record -> record.getMessage().contains(text));
    }

    /** The messages of {@code level} and above. */
    public List<String> messages(Level level) {
        return all().stream()
                .filter(record -> record.getLevel().intValue() >= level.intValue())
                .map(LogRecord::getMessage)
                .toList();
    }

    @Override
    public void close() {
        flush();
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
        logger.setLevel(level);
    }

    private static void flush() {
        try {
            ShardLog.flush(FLUSH_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
