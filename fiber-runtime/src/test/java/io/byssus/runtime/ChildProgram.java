package io.byssus.runtime;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/** What {@link ByssusProcessTest} starts in a JVM of its own. */
final class ChildProgram {
    private static final Duration LONG = Duration.ofDays(1);

    private ChildProgram() {}

    /** The first argument says what to do; the others are the runtime's. */
    public static void main(String[] args) {
        Program program =
                switch (args[0]) {
                    case "return" ->
                            shards -> say("on " + Shard.current() + " of " + shards.count());
                    case "io" -> shards -> throwIo("bind: Address already in use: 0.0.0.0:1234");
                    case "bug" -> shards -> throwBug();
                    case "serve" -> ChildProgram::serve;
                    case "fail-late" -> ChildProgram::failLate;
                    case "deadlock" -> ChildProgram::deadlock;
                    case "mbean" -> ChildProgram::lookForTheBean;
                    case "stubborn" -> ChildProgram::ignoreEverything;
                    default -> throw new IllegalArgumentException(args[0]);
                };
        Byssus.run(Arrays.copyOfRange(args, 1, args.length), program);
    }

    private static void serve(Shards shards) throws Exception {
        Shard.current().onStop(() -> say("stopping"));
        shards.onEach(() -> {
            say("ready");
            try {
                Fiber.sleep(LONG);
            } catch (FiberCancelledException e) {
                say("cancelled");
                throw e;
            }
        });
    }

    private static void failLate(Shards shards) throws IOException {
        say("ready");
        try {
            Fiber.sleep(LONG);
        } catch (FiberCancelledException e) {
            throwIo("the last bytes were not written");
        }
    }

    /** Two fibers take two locks, each in an order of its own. */
    private static void deadlock(Shards shards) throws Exception {
        ReentrantLock[] locks = {new ReentrantLock(), new ReentrantLock()};
        for (int i = 0; i < 2; i++) {
            ReentrantLock first = locks[i];
            ReentrantLock second = locks[1 - i];
            Fiber.start(
                    "locker-" + i,
                    () -> {
                        first.lock();
                        Thread.yield();
                        second.lockInterruptibly();
                    });
        }
        serve(shards);
    }

    /** Whoever makes the platform's MBean server finds the runtime's bean there soon. */
    private static void lookForTheBean(Shards shards) throws Exception {
        say("servers: " + MBeanServerFactory.findMBeanServer(null).size());
        ObjectName name = new ObjectName("io.byssus:type=Fibers");
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        while (!server.isRegistered(name)) {
            Thread.yield();
        }
        say("found");
    }

    private static void ignoreEverything(Shards shards) {
        Shard.current().onStop(() -> say("stopping"));
        say("ready");
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                say("no");
            }
        }
    }

    private static void throwIo(String message) throws IOException {
        throw new IOException(message);
    }

    private static void throwBug() {
        throw new IllegalStateException("a bug");
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
