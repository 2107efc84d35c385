package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Eventually;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadTimesTest {
    private volatile boolean stop;
    private volatile int threadId;
    private Thread thread;

    private ThreadTimes start(Runnable body) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        thread =
                Thread.ofPlatform()
                        .name("odd (S) name)")
                        .daemon()
                        .start(() -> {
                            threadId = ThreadId.current();
                            started.countDown();
                            body.run();
                        });
        started.await();
        return new ThreadTimes(threadId);
    }

    @AfterEach
    void stop() throws InterruptedException {
        stop = true;
        if (thread != null) {
            LockSupport.unpark(thread);
            thread.join();
        }
    }

    @Test
    void threadIdIsTheKernels() throws Exception {
        Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
        assertThat(self.getFileName()).hasToString(Integer.toString(ThreadId.current()));
    }

    @Test
    void computingThreadRuns() throws Exception {
        try (ThreadTimes times =
                start(() -> {
                    while (!stop) {
                        Thread.onSpinWait();
                    }
                })) {
            times.read();
            long before = times.runNanos();
            Eventually.until(
                    "it has run for a while",
                    () -> {
                        times.read();
                        return times.runNanos() - before > 10_000_000;
                    });
            assertThat(times.state()).isEqualTo(ThreadTimes.State.RUNNABLE);
            long lower = times.runNanos();
            long jvms = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
            times.read();
            assertThat(jvms).isBetween(lower, times.runNanos());
        }
    }

    @Test
    void parkedThreadWaitsAndDoesNotRun() throws Exception {
        try (ThreadTimes times =
                start(() -> {
                    while (!stop) {
                        LockSupport.park(this);
                    }
                })) {
            Eventually.until("it waits", () -> times.state() == ThreadTimes.State.WAITING);
            times.read();
            long run = times.runNanos();
            times.read();
            assertThat(times.runNanos()).isEqualTo(run);
        }
    }

    @Test
    void moreThreadsThanProcessorsWaitForThem() throws Exception {
        Thread[] others = new Thread[Affinity.processorsOfProcess() * 2];
        for (int i = 0; i < others.length; i++) {
            others[i] = Thread.ofPlatform().daemon().start(this::spin);
        }
        try (ThreadTimes times = start(this::spin)) {
            Eventually.until(
                    "it has waited",
                    () -> {
                        times.read();
                        return times.waitNanos() > 10_000_000;
                    });
        } finally {
            stop = true;
            for (Thread other : others) {
                other.join();
            }
        }
    }

    @Test
    void whatIsKnownOfAThreadThatHasEndedStays() throws Exception {
        try (ThreadTimes times = start(() -> {})) {
            thread.join();
            Eventually.until("it has ended", () -> times.state() == ThreadTimes.State.UNKNOWN);
            times.read();
            long run = times.runNanos();
            times.read();
            assertThat(times.runNanos()).isEqualTo(run);
        }
    }

    private void spin() {
        while (!stop) {
            Thread.onSpinWait();
        }
    }
}
