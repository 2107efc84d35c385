package io.byssus.net.posix;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.EventFd;
import io.byssus.runtime.os.MessageHeader;
import io.byssus.runtime.reactor.ReactorBackend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A shard's epoll, edge-triggered: a stream's descriptor is registered once, for reading and
 * writing, when a fiber first waits for it, and never modified. ({@link PosixDatagrams} says why
 * datagrams differ.)
 *
 * <p>An event carries the slot of its handle and the slot's generation, not the descriptor: what
 * the kernel reports for a descriptor that was closed meanwhile, and whose number is used again,
 * finds a newer generation and is dropped.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #wake}.
 */
final class EpollBackend implements ReactorBackend {
    /** So few that what the kernel touched for an event is still near when its fiber runs. */
    private static final int EVENTS_MAX = 32;

    private static final int SLOTS_INITIAL = 64;
    private static final int TIMESPEC_BYTES = 16;

    /** Buffers of one gathering send. */
    static final int SLICES_MAX = 16;

    /** What a stream is registered for. */
    static final int STREAM_INTEREST =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLET;

    /** The eventfd's; no handle has a slot that large. */
    private static final long WAKE_DATA = -1L;

    private final CallState state = new CallState();
    private final Arena arena = Arena.ofShared();
    private final int epollFd;
    private final int wakeFd;
    private final long events;
    private final long timespec;
    private final long registration;
    private final long messageHeader;

    private final PipePool pipes = new PipePool(state);

    private ReadinessHandle[] handles = new ReadinessHandle[SLOTS_INITIAL];

    /** Increased each time a slot is given back. */
    private int[] generations = new int[SLOTS_INITIAL];

    /** Slots that were given back. */
    private int[] freeSlots = new int[SLOTS_INITIAL];

    private int freeCount;
    private int slotsUsed;

    EpollBackend() {
        MemorySegment memory = arena.allocate((long) EVENTS_MAX * Epoll.EVENT_BYTES, Long.BYTES);
        events = memory.address();
        timespec = arena.allocate(TIMESPEC_BYTES, Long.BYTES).address();
        registration = arena.allocate(Epoll.EVENT_BYTES, Long.BYTES).address();
        messageHeader = arena.allocate(MessageHeader.bytes(SLICES_MAX), Long.BYTES).address();
        epollFd = require("epoll_create", Epoll.create(state));
        wakeFd = require("eventfd", EventFd.create(state));
        Epoll.put(registration, Epoll.EPOLLIN | Epoll.EPOLLET, WAKE_DATA);
        require(
                "epoll_ctl",
                Epoll.control(state, epollFd, Epoll.EPOLL_CTL_ADD, wakeFd, registration));
    }

    /** Where this shard's calls leave their errno. */
    CallState callState() {
        return state;
    }

    /** For relays between this shard's sockets. */
    PipePool pipes() {
        return pipes;
    }

    /** Room for the header of one gathering send of {@link #SLICES_MAX} buffers. */
    long messageHeader() {
        return messageHeader;
    }

    /**
     * Begins to report the readiness of {@code handle}'s descriptor, its present readiness
     * included.
     *
     * @throws IOException if the kernel's limit of watches is reached
     */
    void register(ReadinessHandle handle) throws IOException {
        assert handle.slot == ReadinessHandle.NOT_REGISTERED;
        int slot = takeSlot();
        long data = (long) generations[slot] << Integer.SIZE | slot;
        Epoll.put(registration, handle.interest(), data);
        if (Epoll.control(state, epollFd, Epoll.EPOLL_CTL_ADD, handle.fd, registration) < 0) {
            IOException failure = Errno.exception("epoll_ctl", state.errno(), "fd " + handle.fd);
            giveBackSlot(slot);
            throw failure;
        }
        handles[slot] = handle;
        handle.slot = slot;
    }

    /**
     * Tells the kernel that {@code handle}'s interest has changed; it reports anew what is ready.
     */
    void modify(ReadinessHandle handle) {
        assert handle.slot != ReadinessHandle.NOT_REGISTERED;
        long data = (long) generations[handle.slot] << Integer.SIZE | handle.slot;
        Epoll.put(registration, handle.interest(), data);
        require(
                "epoll_ctl",
                Epoll.control(state, epollFd, Epoll.EPOLL_CTL_MOD, handle.fd, registration));
    }

    /**
     * Forgets {@code handle}, whose descriptor the caller closes next (which takes it out of the
     * kernel's set).
     */
    void deregister(ReadinessHandle handle) {
        if (handle.slot != ReadinessHandle.NOT_REGISTERED) {
            handles[handle.slot] = null;
            giveBackSlot(handle.slot);
            handle.slot = ReadinessHandle.NOT_REGISTERED;
        }
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
        pipes.close();
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

    private int takeSlot() {
        if (freeCount > 0) {
            return freeSlots[--freeCount];
        }
        if (slotsUsed == handles.length) {
            int capacity = handles.length * 2;
            handles = Arrays.copyOf(handles, capacity);
            generations = Arrays.copyOf(generations, capacity);
            freeSlots = Arrays.copyOf(freeSlots, capacity);
        }
        return slotsUsed++;
    }

    private void giveBackSlot(int slot) {
        generations[slot]++;
        freeSlots[freeCount++] = slot;
    }

    private int require(String operation, int result) {
        if (result < 0) {
            throw new UnsupportedOperationException(
                    operation + ": " + Errno.message(state.errno()));
        }
        return result;
    }
}
