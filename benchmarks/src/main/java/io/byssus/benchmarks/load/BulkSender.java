package io.byssus.benchmarks.load;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;

/**
 * Sends through one TCP connection of the kernel's as much as it takes, for a while, under a
 * congestion control of the caller's choice.
 *
 * <p><b>Ownership:</b> one thread, which blocks.
 */
public final class BulkSender {
    private static final int BLOCK_BYTES = 64 << 10;

    private BulkSender() {}

    /**
     * Sends zeros until the time is up or the peer closes.
     *
     * @param host an IPv4 address, as a number
     * @param congestionControl the kernel's name for it
     * @param onConnected told the {@link System#nanoTime} at which the handshake was done, which is
     *     when the time begins
     */
    public static void run(
            int host, int port, String congestionControl, long nanos, LongConsumer onConnected)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            LinuxSockets sockets = new LinuxSockets(arena);
            MemorySegment block = arena.allocate(BLOCK_BYTES);
            int socket = sockets.open();
            sockets.congestionControl(socket, congestionControl);
            sockets.resetOnClose(socket);
            sockets.connect(socket, host, port);
            long start = System.nanoTime();
            onConnected.accept(start);
            try {
                while (System.nanoTime() - start < nanos) {
                    long ignored = sockets.sendWaiting(socket, block.address(), BLOCK_BYTES);
                }
            } finally {
                sockets.close(socket);
            }
        }
    }
}
