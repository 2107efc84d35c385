package io.byssus.benchmarks.cubic;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.NativeMemory;
import io.byssus.runtime.time.Clock;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.device.TapDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Drives some {@link Wire}s in real time, on a thread of its own: that sleeps until a frame has
 * come from a kernel or is due at the other end.
 *
 * <p><b>Ownership:</b> {@link #stop} is for any thread.
 */
final class Relay implements Home, Runnable {
    private static final int EVENTS_MAX = 64;
    private static final int TIMESPEC_BYTES = 16;

    /** After this time it looks whether it is to stop. */
    private static final long SLEEP_NANOS_MAX = 100_000_000;

    private final Clock clock = Clock.system();
    private final CallState state = new CallState();
    private final BufferPool pool = new BufferPool(this, BufferPool.Mode.RECYCLING);
    private final List<Wire> wires = new ArrayList<>();
    private final Thread thread = new Thread(this, "relay");
    private final List<Namespaces> namespaces;
    private final List<Long> seeds;
    private final CountDownLatch opened = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile Exception failure;

    /** A wire for each pair of namespaces. */
    Relay(List<Namespaces> namespaces, List<Long> seeds) {
        this.namespaces = namespaces;
        this.seeds = seeds;
    }

    /** Returns when all wires are open. */
    Relay start() throws IOException, InterruptedException {
        thread.start();
        opened.await();
        check();
        return this;
    }

    /** Ends it; the wires' counters can be read then. */
    List<Wire> stop() throws IOException, InterruptedException {
        stopping = true;
        thread.join();
        check();
        return wires;
    }

    private void check() throws IOException {
        if (failure != null) {
            throw new IOException("the relay has failed", failure);
        }
    }

    @Override
    public void run() {
        try {
            relay();
        } catch (IOException | RuntimeException e) {
            failure = e;
        } finally {
            opened.countDown();
        }
    }

    private void relay() throws IOException {
        int epoll = Epoll.create(state);
        long events = NativeMemory.allocate((long) EVENTS_MAX * Epoll.EVENT_BYTES + TIMESPEC_BYTES);
        long timespec = events + (long) EVENTS_MAX * Epoll.EVENT_BYTES;
        try {
            for (int i = 0; i < namespaces.size(); i++) {
                Wire wire = new Wire(namespaces.get(i), seeds.get(i), pool);
                wires.add(wire);
                watch(epoll, wire.sender(), events);
                watch(epoll, wire.receiver(), events);
            }
            opened.countDown();
            while (!stopping) {
                turn();
                long waitNanos = Math.min(deadlineNanos() - clock.nanoTime(), SLEEP_NANOS_MAX);
                if (waitNanos > 0) {
                    int count = Epoll.await(state, epoll, events, EVENTS_MAX, waitNanos, timespec);
                    assert count >= 0 || state.errno() == Errno.EINTR : state.errno();
                }
            }
        } finally {
            for (Wire wire : wires) {
                wire.close();
            }
            Descriptors.close(state, epoll);
            NativeMemory.release(events);
            pool.close();
        }
    }

    private void watch(int epoll, TapDevice device, long event) throws IOException {
        Epoll.put(event, Epoll.EPOLLIN, 0);
        if (Epoll.control(state, epoll, Epoll.EPOLL_CTL_ADD, device.descriptor(), event) < 0) {
            throw new IOException("epoll_ctl: " + Errno.message(state.errno()));
        }
    }

    private void turn() {
        for (Wire wire : wires) {
            wire.turn();
        }
    }

    private long deadlineNanos() {
        long next = LinkDevice.NO_DEADLINE;
        for (Wire wire : wires) {
            next = Math.min(next, wire.deadlineNanos());
        }
        return next;
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        throw new IllegalStateException("no buffer leaves the relay's thread");
    }
}
