package io.byssus.runtime.fiber;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.reactor.Carrier;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The JDK's own blocking code on a fiber: it parks the fiber, not the shard, and comes back. */
class JdkBlockingTest {
    private static Shards shards;

    /** What blocks; {@code other} is a fiber of the other shard, for what needs a partner. */
    private enum Operation {
        REENTRANT_LOCK {
            @Override
            void block(Partner other) throws Exception {
                ReentrantLock lock = new ReentrantLock();
                CountDownLatch held = new CountDownLatch(1);
                other.run(() -> {
                    lock.lock();
                    held.countDown();
                    untilSomebodyWaits(lock::hasQueuedThreads);
                    lock.unlock();
                });
                held.await();
                lock.lock();
                lock.unlock();
            }
        },
        SYNCHRONIZED {
            @Override
            void block(Partner other) throws Exception {
                Object monitor = new Object();
                Thread self = Thread.currentThread();
                CountDownLatch held = new CountDownLatch(1);
                other.run(() -> {
                    synchronized (monitor) {
                        held.countDown();
                        untilSomebodyWaits(() -> self.getState() == Thread.State.BLOCKED);
                    }
                });
                held.await();
                synchronized (monitor) {
                    assertThat(Thread.holdsLock(monitor)).isTrue();
                }
            }
        },
        WAIT_AND_NOTIFY {
            @Override
            void block(Partner other) throws Exception {
                Object monitor = new Object();
                boolean[] told = new boolean[1];
                other.run(() -> {
                    synchronized (monitor) {
                        told[0] = true;
                        monitor.notifyAll();
                    }
                });
                synchronized (monitor) {
                    while (!told[0]) {
                        monitor.wait();
                    }
                }
            }
        },
        BLOCKING_QUEUE {
            @Override
            void block(Partner other) throws Exception {
                BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);
                other.run(() -> {
                    for (int i = 0; i < 100; i++) {
                        queue.put(i);
                    }
                });
                for (int i = 0; i < 100; i++) {
                    assertThat(queue.take()).isEqualTo(i);
                }
            }
        },
        COMPLETABLE_FUTURE {
            @Override
            void block(Partner other) throws Exception {
                CompletableFuture<String> future = new CompletableFuture<>();
                other.run(() -> future.complete("done"));
                assertThat(future.get()).isEqualTo("done");
            }
        },
        COUNT_DOWN_LATCH {
            @Override
            void block(Partner other) throws Exception {
                CountDownLatch latch = new CountDownLatch(1);
                other.run(latch::countDown);
                latch.await();
            }
        },
        SEMAPHORE {
            @Override
            void block(Partner other) throws Exception {
                Semaphore semaphore = new Semaphore(0);
                other.run(semaphore::release);
                semaphore.acquire();
            }
        },
        TIMED_WAIT {
            @Override
            void block(Partner other) throws Exception {
                assertThat(new CountDownLatch(1).await(2, TimeUnit.MILLISECONDS)).isFalse();
            }
        },
        SLEEP {
            @Override
            void block(Partner other) throws Exception {
                // allow ThreadSleep: the test is about sleeping fibers
                Thread.sleep(2);
            }
        },
        JAVA_NET_SOCKET {
            @Override
            void block(Partner other) throws Exception {
                InetAddress loopback = InetAddress.getLoopbackAddress();
                try (ServerSocket server = new ServerSocket(0, 1, loopback)) {
                    other.run(() -> {
                        try (Socket socket = new Socket(loopback, server.getLocalPort())) {
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        }
                    });
                    try (Socket socket = server.accept()) {
                        socket.getOutputStream().write("echo".getBytes());
                        socket.shutdownOutput();
                        assertThat(socket.getInputStream().readAllBytes()).hasSize(4);
                    }
                }
            }
        },
        VIRTUAL_THREADS_OF_ITS_OWN {
            @Override
            void block(Partner other) throws Exception {
                Shard here = Shard.current();
                try (ExecutorService children = Executors.newVirtualThreadPerTaskExecutor()) {
                    Shard inChild = children.submit(Shard::current).get();
                    assertThat(inChild).as("children inherit the shard").isSameAs(here);
                }
                CompletableFuture<Shard> inThread = new CompletableFuture<>();
                Thread.startVirtualThread(() -> inThread.complete(Shard.current()));
                assertThat(inThread.get()).isSameAs(here);
            }
        };

        abstract void block(Partner other) throws Exception;

        private static void untilSomebodyWaits(java.util.function.BooleanSupplier waits) {
            while (!waits.getAsBoolean()) {
                Thread.yield();
            }
        }
    }

    /** Runs something on a fiber of the other shard, soon. */
    private interface Partner {
        void run(FiberTask task);
    }

    @BeforeAll
    static void start() {
        shards = Shards.start(new RuntimeOptions().smp(2).overprovisioned(true));
    }

    @AfterAll
    static void stop() {
        assertThat(shards.stop()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void parksTheFiberAndComesBackToItsShard(Operation operation) throws Exception {
        List<CompletableFuture<Void>> partners = new CopyOnWriteArrayList<>();
        AtomicInteger neighbour = new AtomicInteger();
        Partner other =
                task ->
                        partners.add(
                                shards.spawn(
                                        1,
                                        "partner",
                                        () -> {
                                            // Behind the neighbour's step: by then the fiber
                                            // under test is parked.
                                            while (neighbour.get() == 0) {
                                                Thread.yield();
                                            }
                                            task.run();
                                            return null;
                                        }));
        shards.submitTo(
                0,
                () -> {
                    Fiber.start("neighbour", neighbour::incrementAndGet);
                    Thread before = Thread.currentThread();
                    operation.block(other);
                    assertThat(Shard.current().id()).isEqualTo(0);
                    assertThat(Thread.currentThread()).isSameAs(before);
                    assertThat(neighbour).as("the shard ran on meanwhile").hasValue(1);
                    return null;
                });
        for (CompletableFuture<Void> partner : partners) {
            partner.get();
        }
    }

    @Test
    void tenThousandSleepersNeedNoTimerThread() throws IOException, InterruptedException {
        int sleepers = 10_000;
        shards.submitTo(
                0,
                () -> {
                    List<Fiber<Void>> fibers = new ArrayList<>();
                    for (int i = 0; i < sleepers; i++) {
                        int millis = i % 50;
                        // allow ThreadSleep: the test is about sleeping fibers
                        fibers.add(Fiber.start("sleeper", () -> Thread.sleep(millis)));
                    }
                    fibers.forEach(Fiber::join);
                    return null;
                });
        Map<Thread, StackTraceElement[]> threads = Thread.getAllStackTraces();
        assertThat(threads.keySet())
                .extracting(Thread::getName)
                .as("the JDK's own timer threads for virtual threads")
                .noneMatch(name -> name.contains("unparker"))
                .noneMatch(name -> name.matches("ForkJoinPool-\\d+-delayScheduler"));
        assertThat(threads.keySet()).anyMatch(Carrier.class::isInstance);
    }
}
