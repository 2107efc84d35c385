package io.byssus.net.nio;

import io.byssus.net.spi.DatagramAddress;
import io.byssus.runtime.log.LogLimit;
import io.byssus.runtime.log.ShardLog;
import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * The stack's classes that a connection's first bytes need: initialised before the first fiber
 * runs, since initialisation pins a fiber and stops its shard, and since out of descriptors no
 * class can be loaded at all.
 */
final class HotClasses {
    private static final List<Class<?>> CLASSES =
            List.of(
                    AcceptPoint.class,
                    DatagramAddress.class,
                    LogLimit.class,
                    MemoryWindow.class,
                    NioFailures.class,
                    NioHandle.class,
                    NioListener.class,
                    NioOptions.class,
                    NioSocket.class,
                    ReadAhead.class,
                    ShardLog.class);

    private HotClasses() {}

    static void load() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        for (Class<?> hot : CLASSES) {
            try {
                lookup.ensureInitialized(hot);
            } catch (IllegalAccessException e) {
                throw new AssertionError("a class that this module may see", e);
            }
        }
    }
}
