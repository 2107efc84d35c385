package io.byssus.runtime.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.testing.LogRecords;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class ShardLogTest {
    /** Stands for a full disk. */
    private static final class StuckHandler extends Handler {
        private final CountDownLatch stuck = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        @Override
        public void publish(LogRecord record) {
            stuck.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void flush() {
            // nothing is held back
        }

        @Override
        public void close() {
            released.countDown();
        }
    }

    @Test
    void recordsArriveInOrderWithLevelAndCause() {
        Exception cause = new IllegalStateException("why");
        try (LogRecords records = new LogRecords()) {
            ShardLog.debug("one", null);
            ShardLog.info("two");
            ShardLog.warning("three");
            ShardLog.error("four", cause);

            List<LogRecord> all = records.all();
            assertThat(all)
                    .extracting(LogRecord::getMessage)
                    .containsExactly("one", "two", "three", "four");
            assertThat(all)
                    .extracting(LogRecord::getLevel)
                    .containsExactly(Level.FINE, Level.INFO, Level.WARNING, Level.SEVERE);
            assertThat(all.getLast().getThrown()).isSameAs(cause);
        }
    }

    @Test
    void appenderThatFailsDoesNotEndTheLog() throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        Logger logger = Logger.getLogger("io.byssus");
        try (LogRecords records = new LogRecords()) {
            Filter failing =
                    record -> {
                        failed.countDown();
                        throw new IllegalStateException("the appender is broken");
                    };
            logger.setFilter(failing);
            ShardLog.info("lost");
            failed.await();
            logger.setFilter(null);
            ShardLog.info("after");
            assertThat(records.mentioning("after")).hasSize(1);
        }
    }

    @Test
    void whatAStuckAppenderCannotTakeIsDroppedAndCountedAndNobodyWaits() throws Exception {
        int records = 10_000;
        Logger logger = Logger.getLogger("io.byssus");
        StuckHandler handler = new StuckHandler();
        try (LogRecords written = new LogRecords()) {
            logger.addHandler(handler);
            ShardLog.warning("the appender takes this and is stuck");
            handler.stuck.await();
            for (int i = 0; i < records; i++) {
                ShardLog.info("entry");
            }
            ShardLog.flush(1); // gives up

            logger.removeHandler(handler);
            handler.close();
            ShardLog.flush(5_000);
            ShardLog.info("with the next one comes the count");

            int arrived = written.mentioning("entry").size();
            assertThat(arrived).as("what it had room for").isBetween(4_000, records - 1);
            long dropped =
                    written.mentioning("were dropped").stream()
                            .map(LogRecord::getMessage)
                            .mapToLong(text -> Long.parseLong(text.split(" ")[0]))
                            .sum();
            // The flush that gave up may be counted as well.
            assertThat(arrived + dropped).isBetween((long) records, records + 1L);
        }
    }
}
