package io.byssus.benchmarks.cubic;

import io.byssus.benchmarks.load.BulkSender;
import io.byssus.benchmarks.load.NetworkNamespaces;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One transfer from kernel to kernel: a thread in each of the two namespaces.
 *
 * <p><b>Ownership:</b> one thread starts it and waits for it.
 */
final class KernelTransfer {
    private static final String ALGORITHM = "cubic";
    private static final int PORT = 5001;
    private static final int BUFFER_BYTES = 256 << 10;

    /** For the handshake, beyond the time of the transfer. */
    private static final long PATIENCE_SECONDS = 60;

    private final CompletableFuture<Long> connected = new CompletableFuture<>();
    private final long seconds;
    private final FutureTask<Long> receiving;
    private final FutureTask<Void> sending;

    private KernelTransfer(Namespaces namespaces, ServerSocketChannel listening, long seconds) {
        this.seconds = seconds;
        receiving = new FutureTask<>(() -> receive(listening));
        sending = new FutureTask<>(() -> send(namespaces));
    }

    /** Starts it. */
    static KernelTransfer start(Namespaces namespaces, long seconds)
            throws IOException, InterruptedException {
        ServerSocketChannel listening =
                within(namespaces.receiver(), KernelTransfer::listen, PATIENCE_SECONDS);
        KernelTransfer transfer = new KernelTransfer(namespaces, listening, seconds);
        thread(transfer.receiving, "receiver");
        thread(transfer.sending, "sender");
        return transfer;
    }

    private static void thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Payload bytes that the receiver got within the time, which begins with the handshake. Both
     * sockets are closed then.
     */
    long await() throws IOException, InterruptedException {
        long bytes = result(receiving, seconds + PATIENCE_SECONDS);
        result(sending, PATIENCE_SECONDS);
        return bytes;
    }

    private static ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open()
                .bind(new InetSocketAddress(Namespaces.RECEIVER_ADDRESS, PORT));
    }

    private Void send(Namespaces namespaces) throws IOException {
        NetworkNamespaces.enter(namespaces.sender());
        try {
            BulkSender.run(
                    Namespaces.RECEIVER_ADDRESS_NUMBER,
                    PORT,
                    ALGORITHM,
                    TimeUnit.SECONDS.toNanos(seconds),
                    connected::complete);
        } catch (IOException failure) {
            if (connected.completeExceptionally(failure)) {
                throw failure; // otherwise the receiver has closed first, with unread data
            }
        }
        return null;
    }

    private long receive(ServerSocketChannel listening) throws Exception {
        try (listening;
                SocketChannel channel = listening.accept()) {
            long end = connected.get() + TimeUnit.SECONDS.toNanos(seconds);
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            long bytes = 0;
            int count = channel.read(buffer);
            while (count > 0 && System.nanoTime() < end) {
                bytes += count;
                buffer.clear();
                count = channel.read(buffer);
            }
            return bytes;
        }
    }

    /** What {@code task} answers when run by a thread in that namespace. */
    private static <T> T within(String namespace, Callable<T> task, long limitSeconds)
            throws IOException, InterruptedException {
        FutureTask<T> inside =
                new FutureTask<>(() -> {
                    NetworkNamespaces.enter(namespace);
                    return task.call();
                });
        thread(inside, namespace);
        return result(inside, limitSeconds);
    }

    private static <T> T result(FutureTask<T> task, long limitSeconds)
            throws IOException, InterruptedException {
        try {
            return task.get(limitSeconds, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            throw new IOException("the kernel's transfer failed", failure);
        }
    }
}
