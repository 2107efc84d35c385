package io.byssus.runtime.shard;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.os.Affinity;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

/**
 * Starts the JDK's own helper threads before any carrier is bound to a processor: a thread inherits
 * the mask of the thread that starts it, and these would all end up on one shard's core.
 */
final class HelperThreads {
    private static final String COMMON_POOL_FACTORY =
            "java.util.concurrent.ForkJoinPool.common.threadFactory";

    private HelperThreads() {}

    /** From an unbound thread; once is enough, more does no harm. */
    static void start() {
        Affinity.ofProcess();
        // Platform threads: with its default, the JDK would run its pollers as virtual threads of
        // whichever shard first used a java.net socket.
        if (System.getProperty("jdk.pollerMode") == null) {
            System.setProperty("jdk.pollerMode", "1");
        }
        load("sun.nio.ch.Poller");
        if (System.getProperty(COMMON_POOL_FACTORY) == null) {
            System.setProperty(COMMON_POOL_FACTORY, UnboundWorkers.class.getName());
        }
        ForkJoinPool.commonPool().schedule(() -> {}, 1, TimeUnit.NANOSECONDS);
        // The thread that unblocks virtual threads whose monitor became free.
        load("java.lang.VirtualThread");
        ShardLog.start();
    }

    private static void load(String className) {
        try {
            Class.forName(className);
        } catch (ClassNotFoundException e) {
            ShardLog.debug("this JDK has no " + className, e);
        }
    }
}
