package io.byssus.integration;

import io.byssus.testing.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.zip.CRC32C;

/**
 * Bytes of a seeded generator, made while they are sent and summed up where they arrive, so that a
 * test may send more than it could hold.
 */
final class Payload {
    static final long SEED = Seeds.next("integration tests");

    private static final int BLOCK = 256 << 10;
    private static final Executor THREADS =
            task -> Thread.ofPlatform().daemon().name("payload").start(task);

    private final long bytes;

    private Payload(long bytes) {
        this.bytes = bytes;
    }

    static Payload seeded(long bytes) {
        if (bytes % Long.BYTES != 0) {
            throw new IllegalArgumentException("bytes=" + bytes + ": must be a multiple of 8");
        }
        return new Payload(bytes);
    }

    /** Sends everything from another thread, ends that direction, and answers the checksum. */
    CompletableFuture<Long> sendAsync(Socket socket) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        long sum = send(socket.getOutputStream());
                        socket.shutdownOutput();
                        return sum;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                THREADS);
    }

    /**
     * @return the checksum
     */
    long send(OutputStream out) throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        CRC32C sum = new CRC32C();
        byte[] block = new byte[BLOCK];
        ByteBuffer words = ByteBuffer.wrap(block);
        for (long left = bytes; left > 0; ) {
            int n = (int) Math.min(BLOCK, left);
            words.clear().limit(n);
            while (words.hasRemaining()) {
                words.putLong(random.nextLong());
            }
            sum.update(block, 0, n);
            out.write(block, 0, n);
            left -= n;
        }
        return sum.getValue();
    }

    /** Reads as many bytes as {@link #send} sends. */
    long checksum(InputStream in) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] block = new byte[BLOCK];
        for (long left = bytes; left > 0; ) {
            int n = in.read(block, 0, (int) Math.min(BLOCK, left));
            if (n < 0) {
                throw new EOFException(left + " of " + bytes + " bytes are missing");
            }
            sum.update(block, 0, n);
            left -= n;
        }
        return sum.getValue();
    }
}
