package io.byssus.stack;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.EventFd;
import io.byssus.runtime.os.NativeMemory;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.time.Clock;
import io.byssus.stack.device.LinkDevice;

/**
 * The native stack as a shard's reactor sees it: a turn of the {@link Host} is a poll, and with
 * nothing to do the shard sleeps until the device is readable, a timer is due, or somebody wakes
 * it.
 *
 * <p>epoll is only asked before the shard sleeps: whether frames wait, the device itself tells.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #wake}.
 */
final class NativeBackend implements ReactorBackend {
    private static final int EVENTS_MAX = 4;
    private static final int TIMESPEC_BYTES = 16;
    private static final long WAKE_DATA = 1;
    private static final long DEVICE_DATA = 2;

    private final CallState state = new CallState();
    private final int epollFd;
    private final int wakeFd;
    private final long memory;
    private final long timespec;

    /** Null until the shard's stack is made. */
    private Host host;

    private Clock clock;
    private int descriptor = LinkDevice.NO_DESCRIPTOR;

    /** Whether epoll also watches for room in the device. */
    private boolean awaitsRoom;

    NativeBackend() {
        memory = NativeMemory.allocate((EVENTS_MAX + 1L) * Epoll.EVENT_BYTES + TIMESPEC_BYTES);
        timespec = memory + (EVENTS_MAX + 1L) * Epoll.EVENT_BYTES;
        epollFd = require("epoll_create", Epoll.create(state));
        wakeFd = require("eventfd", EventFd.create(state));
        watch(Epoll.EPOLL_CTL_ADD, wakeFd, Epoll.EPOLLIN | Epoll.EPOLLET, WAKE_DATA);
    }

    /** The shard's protocols: from now on they have their turns. */
    void attach(Host newHost, Clock shardClock) {
        assert host == null : "attached twice";
        host = newHost;
        clock = shardClock;
        descriptor = newHost.device().descriptor();
        if (descriptor != LinkDevice.NO_DESCRIPTOR) {
            watch(Epoll.EPOLL_CTL_ADD, descriptor, Epoll.EPOLLIN, DEVICE_DATA);
        }
    }

    /** The shard's protocols have ended. */
    void detach() {
        host = null;
    }

    @Override
    public String name() {
        return NativeBackendProvider.NAME;
    }

    @Override
    public int poll() {
        return host == null ? 0 : host.turn(clock.nanoTime());
    }

    @Override
    public int await(long timeoutNanos) {
        if (host == null) {
            return sleep(timeoutNanos);
        }
        long now = clock.nanoTime();
        int done = host.turn(now);
        if (done > 0) {
            return done;
        }
        long deadline = host.deadline();
        long untilDeadline = deadline == Host.NO_DEADLINE ? NO_TIMEOUT : deadline - now;
        if (deadline <= now) {
            return host.turn(clock.nanoTime());
        }
        awaitRoom(!host.device().hasRoom());
        sleep(Math.min(timeoutNanos, untilDeadline));
        return host.turn(clock.nanoTime());
    }

    @Override
    public void wake() {
        EventFd.signal(wakeFd);
    }

    @Override
    public void close() {
        Descriptors.close(state, wakeFd);
        Descriptors.close(state, epollFd);
        NativeMemory.release(memory);
    }

    private int sleep(long timeoutNanos) {
        int count =
                timeoutNanos == NO_TIMEOUT
                        ? Epoll.await(state, epollFd, memory, EVENTS_MAX)
                        : Epoll.await(state, epollFd, memory, EVENTS_MAX, timeoutNanos, timespec);
        assert count >= 0 || state.errno() == Errno.EINTR : Errno.message(state.errno());
        for (int i = 0; i < count; i++) {
            long event = memory + (long) i * Epoll.EVENT_BYTES;
            if (Epoll.data(event) == DEVICE_DATA && (Epoll.events(event) & Epoll.EPOLLOUT) != 0) {
                host.device().onWritable();
            }
        }
        return Math.max(count, 0);
    }

    private void awaitRoom(boolean wanted) {
        if (wanted == awaitsRoom || descriptor == LinkDevice.NO_DESCRIPTOR) {
            return;
        }
        awaitsRoom = wanted;
        int events = wanted ? Epoll.EPOLLIN | Epoll.EPOLLOUT : Epoll.EPOLLIN;
        watch(Epoll.EPOLL_CTL_MOD, descriptor, events, DEVICE_DATA);
    }

    private void watch(int operation, int fd, int events, long data) {
        long registration = memory + (long) EVENTS_MAX * Epoll.EVENT_BYTES;
        Epoll.put(registration, events, data);
        require("epoll_ctl", Epoll.control(state, epollFd, operation, fd, registration));
    }

    private int require(String operation, int result) {
        if (result < 0) {
            throw new UnsupportedOperationException(
                    operation + ": " + Errno.message(state.errno()));
        }
        return result;
    }
}
