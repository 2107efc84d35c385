package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.EventFd;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.reactor.ReactorOptions;
import io.byssus.runtime.time.ManualClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The backend alone: event descriptors stand for sockets, and the test is the loop. */
class EpollBackendTest {
    private static final InetSocketAddress NOBODY = new InetSocketAddress("127.0.0.1", 1);

    private final EpollBackend epoll = new EpollBackend();
    private final Reactor reactor =
            new Reactor(0, new ManualClock(), epoll, ReactorOptions.defaults());
    private final CallState state = new CallState();
    private final List<Integer> descriptors = new ArrayList<>();

    @AfterEach
    void close() {
        descriptors.forEach(fd -> Descriptors.close(state, fd));
        reactor.close();
    }

    private int descriptor() {
        int fd = EventFd.create(state);
        descriptors.add(fd);
        return fd;
    }

    private ReadinessHandle register(int fd) throws Exception {
        ReadinessHandle handle = new ReadinessHandle(reactor, epoll, fd, 0, NOBODY);
        epoll.register(handle);
        return handle;
    }

    @Test
    void anEventReachesItsHandleOnce() throws Exception {
        int fd = descriptor();
        ReadinessHandle handle = register(fd);
        epoll.poll();
        assertThat(handle.has(ReadinessHandle.WRITABLE)).isTrue();
        assertThat(handle.has(ReadinessHandle.READABLE)).isFalse();

        EventFd.signal(fd);
        assertThat(epoll.poll()).isEqualTo(1);
        assertThat(handle.has(ReadinessHandle.READABLE)).isTrue();
        assertThat(epoll.poll()).as("edge-triggered").isZero();
    }

    /**
     * The kernel goes on reporting a descriptor that was forgotten here if something else (a child
     * process) still holds it; its slot may have a new holder by then.
     */
    @Test
    void anEventForAForgottenDescriptorDoesNotReachTheNextHolderOfItsSlot() throws Exception {
        int forgotten = descriptor();
        ReadinessHandle first = register(forgotten);
        int slot = first.slot;
        epoll.poll();
        epoll.deregister(first);

        ReadinessHandle second = register(descriptor());
        assertThat(second.slot).isEqualTo(slot);
        epoll.poll();
        second.clear(ReadinessHandle.WRITABLE);
        EventFd.signal(forgotten);
        assertThat(epoll.poll()).as("the kernel reports it").isEqualTo(1);
        assertThat(second.has(ReadinessHandle.READABLE)).isFalse();
        assertThat(second.has(ReadinessHandle.WRITABLE)).isFalse();
        assertThat(first.has(ReadinessHandle.READABLE)).isFalse();
    }

    @Test
    void anEventForAFreeSlotIsDropped() throws Exception {
        int forgotten = descriptor();
        ReadinessHandle handle = register(forgotten);
        epoll.deregister(handle);
        epoll.deregister(handle);
        EventFd.signal(forgotten);
        assertThat(epoll.poll()).isEqualTo(1);
        assertThat(handle.has(ReadinessHandle.READABLE)).isFalse();
    }

    @Test
    void aHandleHasASlotOfItsOwnHoweverManyThereAre() throws Exception {
        int count = 300;
        List<ReadinessHandle> handles = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            handles.add(register(descriptor()));
        }
        assertThat(handles.stream().map(handle -> handle.slot)).doesNotHaveDuplicates();
        pollAll();
        for (int i = 0; i < count; i += 7) {
            EventFd.signal(descriptors.get(i));
        }
        pollAll();
        for (int i = 0; i < count; i++) {
            assertThat(handles.get(i).has(ReadinessHandle.READABLE)).isEqualTo(i % 7 == 0);
        }
    }

    /** There may be more events than one poll takes. */
    private void pollAll() {
        while (epoll.poll() > 0) {
            // the next poll takes more
        }
    }

    @Test
    void aWakeUpEndsTheNextWaitToo() {
        epoll.wake();
        epoll.await(ReactorBackend.NO_TIMEOUT);
        Thread waker = Thread.ofPlatform().start(epoll::wake);
        epoll.await(ReactorBackend.NO_TIMEOUT);
        assertThat(waker).isNotNull();
    }

    @Test
    void aWaitOfAFifthOfAMillisecondIsNoMillisecond() {
        Duration wait = Duration.ofNanos(200_000);
        Duration median = Duration.ofDays(1);
        for (int run = 0; run < 5 && median.toNanos() >= 800_000; run++) {
            median = medianWait(wait);
        }
        assertThat(median).isBetween(wait, Duration.ofNanos(800_000));
    }

    private Duration medianWait(Duration wait) {
        long[] nanos = new long[101];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            epoll.await(wait.toNanos());
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return Duration.ofNanos(nanos[nanos.length / 2]);
    }
}
