package io.byssus.net.nio;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.ReactorBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A shard's selector. It is level-triggered: it tells again and again what nobody takes, so {@link
 * NioHandle} gives up the interest in what was told twice.
 *
 * <p>A selector counts milliseconds: a wait is rounded up to the next, so that an idle shard's
 * timers are up to one millisecond later than on epoll, and never early. A shard with something to
 * run does not wait, and its timers are as exact as anywhere.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #wake}.
 */
public final class NioBackend implements ReactorBackend {
    /** Buffers of one gathering send. */
    static final int SLICES_MAX = 16;

    private static final int DATAGRAM_BYTES_MAX = 65_536;
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private static final Consumer<SelectionKey> DISPATCH =
            key -> ((NioHandle) key.attachment()).onReady(key.readyOps());

    private final Selector selector;
    private final MemoryWindow window = new MemoryWindow();
    private final MemoryWindow[] sliceWindows = new MemoryWindow[SLICES_MAX];
    private final ByteBuffer[] slices = new ByteBuffer[SLICES_MAX];

    /** Room for one datagram of any length; made when one is first received. */
    private ByteBuffer datagram;

    NioBackend() {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UnsupportedOperationException("selector: " + e.getMessage(), e);
        }
        for (int i = 0; i < SLICES_MAX; i++) {
            sliceWindows[i] = new MemoryWindow();
        }
    }

    @Override
    public int poll() {
        try {
            return selector.selectNow(DISPATCH);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int await(long timeoutNanos) {
        try {
            return timeoutNanos == NO_TIMEOUT
                    ? selector.select(DISPATCH)
                    : selector.select(DISPATCH, millis(timeoutNanos));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Rounded up. */
    private static long millis(long nanos) {
        return (nanos - 1) / NANOS_PER_MILLI + 1;
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    @Override
    public void close() {
        try {
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SelectionKey register(SelectableChannel channel, int interest, NioHandle handle)
            throws IOException {
        return channel.register(selector, interest, handle);
    }

    /**
     * Takes a channel out of the selector at once. A closed channel keeps its descriptor, and with
     * it its port, until the selector has forgotten it, which it does only when it selects.
     */
    void forget(SelectionKey key) {
        key.cancel();
        int ignored = poll();
        assert ignored >= 0;
    }

    /** Room for the longest datagram, empty; good until the fiber parks. */
    ByteBuffer datagram() {
        if (datagram == null) {
            datagram = ByteBuffer.allocateDirect(DATAGRAM_BYTES_MAX);
        }
        return datagram.clear();
    }

    /** The bytes of {@code buffer}; good until the next call, and until the fiber parks. */
    ByteBuffer view(Buffer buffer) {
        return window.view(buffer);
    }

    /** The bytes of {@code count} buffers from {@code first} on; as {@link #view}. */
    ByteBuffer[] views(Buffer[] buffers, int first, int count) {
        for (int i = 0; i < count; i++) {
            slices[i] = sliceWindows[i].view(buffers[first + i]);
        }
        return slices;
    }
}
