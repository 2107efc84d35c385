package io.byssus.integration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * What a child process has written to one of its streams so far.
 *
 * <p><b>Ownership:</b> any thread; a thread of its own collects.
 */
final class Output {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final StringBuilder text = new StringBuilder();
    private boolean ended;

    Output(String name, InputStream stream) {
        Thread.ofPlatform().daemon().name(name).start(() -> collect(stream));
    }

    /** One character per byte. */
    String text() {
        lock.lock();
        try {
            return text.toString();
        } finally {
            lock.unlock();
        }
    }

    /** The complete lines. */
    List<String> lines() {
        String all = text();
        return all.substring(0, all.lastIndexOf('\n') + 1).lines().toList();
    }

    /** Waits until {@code look} finds something in the text. */
    <T> T await(Duration limit, Function<String, Optional<T>> look)
            throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + limit.toNanos();
        lock.lock();
        try {
            while (true) {
                Optional<T> found = look.apply(text.toString());
                if (found.isPresent()) {
                    return found.get();
                }
                long left = deadline - System.nanoTime();
                if (ended || left <= 0) {
                    throw new TimeoutException(ended ? "the output has ended" : "out of time");
                }
                long _ = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the process has closed the stream. */
    void awaitEnd(Duration limit) throws InterruptedException, TimeoutException {
        long nanos = limit.toNanos();
        lock.lock();
        try {
            while (!ended) {
                if (nanos <= 0) {
                    throw new TimeoutException(
                            "the stream is open after " + TimeUnit.SECONDS.convert(limit) + " s");
                }
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    private void collect(InputStream stream) {
        byte[] bytes = new byte[8192];
        try (stream) {
            for (int n = stream.read(bytes); n >= 0; n = stream.read(bytes)) {
                add(new String(bytes, 0, n, StandardCharsets.ISO_8859_1), false);
            }
        } catch (IOException e) {
            add("[" + e + "]\n", false);
        } finally {
            add("", true);
        }
    }

    private void add(String piece, boolean last) {
        lock.lock();
        try {
            text.append(piece);
            ended = ended || last;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
