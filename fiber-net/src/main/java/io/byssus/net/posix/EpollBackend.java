package io.byssus.net.posix;

import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.EventFd;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * A shard's epoll, edge-triggered: a stream's descriptor is registered once, for reading and
 * writing, when a fiber first waits for it, and never modified. ({@link PosixDatagrams} says why
 * datagrams differ.)
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #wake}.
 */
final class EpollBackend extends ReadinessBackend {
    /** So few that what the kernel touched for an event is still near when its fiber runs. */
    private static final int EVENTS_MAX = 32;

    private static final int TIMESPEC_BYTES = 16;

    /** The eventfd's; no handle has a slot that large. */
    private static final long WAKE_DATA = -1L;

    private final int epollFd;
    private final int wakeFd;
    private final long events;
    private final long timespec;
    private final long registration;

    EpollBackend() {
        MemorySegment memory = arena.allocate((long) EVENTS_MAX * Epoll.EVENT_BYTES, Long.BYTES);
        events = memory.address();
        timespec = arena.allocate(TIMESPEC_BYTES, Long.BYTES).address();
        registration = arena.allocate(Epoll.EVENT_BYTES, Long.BYTES).address();
        epollFd = require("epoll_create", Epoll.create(state));
        wakeFd = require("eventfd", EventFd.create(state));
        Epoll.put(registration, Epoll.EPOLLIN | Epoll.EPOLLET, WAKE_DATA);
        require(
                "epoll_ctl",
                Epoll.control(state, epollFd, Epoll.EPOLL_CTL_ADD, wakeFd, registration));
    }

    @Override
    void register(ReadinessHandle handle) throws IOException {
        assert handle.slot == ReadinessHandle.NOT_REGISTERED;
        int slot = takeSlot();
        long data = data(slot);
        Epoll.put(registration, handle.interest(), data);
        if (Epoll.control(state, epollFd, Epoll.EPOLL_CTL_ADD, handle.fd, registration) < 0) {
            IOException failure = Errno.exception("epoll_ctl", state.errno(), "fd " + handle.fd);
            giveBackSlot(slot);
            throw failure;
        }
        handles[slot] = handle;
        handle.slot = slot;
    }

    @Override
    void modify(ReadinessHandle handle) {
        assert handle.slot != ReadinessHandle.NOT_REGISTERED;
        long data = data(handle.slot);
        Epoll.put(registration, handle.interest(), data);
        require(
                "epoll_ctl",
                Epoll.control(state, epollFd, Epoll.EPOLL_CTL_MOD, handle.fd, registration));
    }

    @Override
    void deregister(ReadinessHandle handle) {
        if (handle.slot != ReadinessHandle.NOT_REGISTERED) {
            giveBackSlot(handle.slot);
            handle.slot = ReadinessHandle.NOT_REGISTERED;
        }
    }

    @Override
    PosixSocket newSocket(
            Reactor reactor,
            int fd,
            int readiness,
            InetSocketAddress peer,
            PosixListener listener) {
        return new PosixSocket(reactor, this, fd, readiness, peer, listener);
    }

    @Override
    AcceptHandle newAcceptHandle(Reactor reactor, int fd, InetSocketAddress bound) {
        return new AcceptHandle(reactor, this, fd, bound);
    }

    @Override
    public String name() {
        return EpollBackendProvider.NAME;
    }

    @Override
    public int poll() {
        return dispatch(Epoll.poll(state, epollFd, events, EVENTS_MAX));
    }

    @Override
    public int await(long timeoutNanos) {
        return dispatch(
                timeoutNanos == NO_TIMEOUT
                        ? Epoll.await(state, epollFd, events, EVENTS_MAX)
                        : Epoll.await(state, epollFd, events, EVENTS_MAX, timeoutNanos, timespec));
    }

    @Override
    public void wake() {
        EventFd.signal(wakeFd);
    }

    @Override
    public void close() {
        pipes().close();
        Descriptors.close(state, wakeFd);
        Descriptors.close(state, epollFd);
        arena.close();
    }

    private int dispatch(int count) {
        if (count < 0) {
            assert state.errno() == Errno.EINTR : Errno.message(state.errno());
            return 0;
        }
        for (int i = 0; i < count; i++) {
            long event = events + (long) i * Epoll.EVENT_BYTES;
            long data = Epoll.data(event);
            if (data != WAKE_DATA) {
                int slot = (int) data;
                ReadinessHandle handle = handles[slot];
                if (handle != null && generations[slot] == (int) (data >>> Integer.SIZE)) {
                    handle.onReady(Epoll.events(event));
                }
            }
        }
        return count;
    }

    private int require(String operation, int result) {
        if (result < 0) {
            throw new UnsupportedOperationException(
                    operation + ": " + Errno.message(state.errno()));
        }
        return result;
    }
}
