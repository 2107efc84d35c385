package io.byssus.net.posix;

import io.byssus.net.spi.DatagramAddress;
import io.byssus.runtime.log.LogLimit;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.os.ControlMessage;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.MessageHeader;
import io.byssus.runtime.os.MultiMessage;
import io.byssus.runtime.os.PacketInfo;
import io.byssus.runtime.os.Pipes;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.os.Sockets;
import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * The stack's classes that a connection's first bytes need, the linking of system calls included:
 * initialised before the first fiber runs, since initialisation pins a fiber and stops its shard,
 * and since out of descriptors no class can be loaded at all.
 */
final class HotClasses {
    private static final List<Class<?>> CLASSES =
            List.of(
                    ControlMessage.class,
                    ControlMessage.Kind.class,
                    DatagramAddress.class,
                    Errno.class,
                    LogLimit.class,
                    MessageHeader.class,
                    MultiMessage.class,
                    PipePool.class,
                    Pipes.class,
                    PacketInfo.class,
                    PosixDatagrams.class,
                    AcceptHandle.class,
                    PosixListener.class,
                    PosixSocket.class,
                    ReadinessHandle.class,
                    ReceiveBatch.class,
                    SendQueue.class,
                    ShardLog.class,
                    SocketAddresses.class,
                    SocketOptions.class,
                    Sockets.class,
                    SplicePipe.class,
                    SpliceRelay.class);

    private HotClasses() {}

    static void load() {
        load(CLASSES);
    }

    static void load(List<Class<?>> classes) {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        for (Class<?> hot : classes) {
            try {
                lookup.ensureInitialized(hot);
            } catch (IllegalAccessException e) {
                throw new AssertionError("a class that this module may see", e);
            }
        }
    }
}
