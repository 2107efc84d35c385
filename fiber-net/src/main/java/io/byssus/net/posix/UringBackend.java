package io.byssus.net.posix;

import io.byssus.net.uring.BufferRing;
import io.byssus.net.uring.OperationState;
import io.byssus.net.uring.Ring;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.CompletionEntry;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.EventFd;
import io.byssus.runtime.os.IoUring;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.os.SubmissionEntry;
import io.byssus.runtime.reactor.Reactor;
import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * A shard's io_uring. What the fibers of a turn ask for is handed over in one system call at its
 * end, the one that also waits; a turn that finds nothing to do makes none.
 *
 * <p>Connections receive by a multishot operation each, into the shard's {@link BufferRing}, and
 * listeners accept by one. A small answer waits for the end of the turn and is sent with all others
 * then, by an operation that the kernel decides on at once. What else there is to wait for
 * (connecting, a peer's end, datagrams) is told by a multishot poll, as epoll would.
 *
 * <p>A slot has at most one operation of each kind with the kernel. It is given back when the last
 * of them has completed, so the kernel's memory outlives its socket, and no completion can find
 * another holder: the generation is there to assert that. To close a descriptor is to end its
 * operations first, since they hold the file open.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #wake}.
 */
final class UringBackend extends ReadinessBackend {
    static final int POLL = 0;
    static final int RECEIVE = 1;
    static final int SEND = 2;
    static final int ACCEPT = 3;
    static final int SEND_UNCOPIED = 4;
    private static final int WAKE = 5;

    /** Of a request to cancel; the kind of what is to be cancelled is added. */
    private static final int CANCEL = 8;

    private static final int KIND_BITS = 4;
    private static final int KIND_MASK = (1 << KIND_BITS) - 1;

    /** How often {@link #deregister} asks for completions before it leaves them to later turns. */
    static final int CANCEL_ROUNDS_MAX = 16;

    /** Sends that never wait; more than the kernel takes at once comes back. */
    private static final int DECIDED_AT_ONCE =
            Sockets.MSG_NOSIGNAL | Sockets.MSG_DONTWAIT | Sockets.MSG_WAITALL;

    private static final int UNTIL_ALL_IS_SENT = Sockets.MSG_NOSIGNAL | Sockets.MSG_WAITALL;

    private final Ring ring;
    private final int wakeFd;
    private boolean awaitsWakes;

    /** Made with the first connection; null again when the network has ended. */
    private BufferRing buffers;

    private boolean retired;

    /** The state of each slot's poll. */
    private OperationState[] polls = new OperationState[handles.length];

    /** Whose sends are in the submission queue, or were just taken from it. */
    private final UringSocket[] sending;

    private int sendingCount;

    UringBackend() {
        Arrays.fill(polls, OperationState.IDLE);
        ring = new Ring(state);
        sending = new UringSocket[ring.capacity()];
        wakeFd = EventFd.create(state);
        if (wakeFd < 0) {
            ring.close();
            throw new UnsupportedOperationException("eventfd: " + Errno.message(state.errno()));
        }
    }

    /**
     * Tries what else a kernel may refuse.
     *
     * @throws UnsupportedOperationException if it does
     */
    void probe() {
        ring.enable();
        BufferRing.probe(ring, state);
    }

    @Override
    void loadClasses() {
        UringHotClasses.load();
    }

    @Override
    void register(ReadinessHandle handle) {
        int slot = slotOf(handle);
        if (!polls[slot].isBusy()) {
            poll(slot, handle);
        }
    }

    /** The poll that there is ends, and when it has, another begins. */
    @Override
    void modify(ReadinessHandle handle) {
        cancelPoll(handle.slot);
    }

    private void cancelPoll(int slot) {
        if (polls[slot] == OperationState.IN_FLIGHT) {
            polls[slot] = polls[slot].cancelled();
            cancel(slot, POLL);
        }
    }

    private void poll(int slot, ReadinessHandle handle) {
        polls[slot] = polls[slot].submitted();
        put(
                IoUring.IORING_OP_POLL_ADD,
                0,
                0,
                handle.fd,
                0,
                IoUring.IORING_POLL_ADD_MULTI,
                handle.interest(),
                data(slot, POLL));
    }

    private void onPolled(int slot, ReadinessHandle handle, int result, boolean more) {
        polls[slot] = polls[slot].completed(more);
        if (handle.slot != slot) {
            return; // closed meanwhile
        }
        if (result >= 0) {
            handle.onReady(result);
        } else if (result != -Errno.ECANCELED) {
            handle.onReady(Epoll.EPOLLERR);
            return;
        }
        if (!more) {
            poll(slot, handle);
        }
    }

    @Override
    void deregister(ReadinessHandle handle) {
        int slot = handle.slot;
        if (slot == ReadinessHandle.NOT_REGISTERED) {
            return;
        }
        handle.slot = ReadinessHandle.NOT_REGISTERED;
        for (int i = 0; i < CANCEL_ROUNDS_MAX && isBusy(slot, handle); i++) {
            cancelPoll(slot);
            handle.cancelOperations(slot);
            enter();
        }
        if (!isBusy(slot, handle)) {
            giveBack(slot);
        }
    }

    private boolean isBusy(int slot, ReadinessHandle handle) {
        return polls[slot].isBusy() || handle.hasOperations();
    }

    private void giveBack(int slot) {
        if (handles[slot] != null) {
            giveBackSlot(slot);
        }
    }

    @Override
    void grow(int capacity) {
        super.grow(capacity);
        int before = polls.length;
        polls = Arrays.copyOf(polls, capacity);
        Arrays.fill(polls, before, capacity, OperationState.IDLE);
    }

    @Override
    PosixSocket newSocket(
            Reactor reactor,
            int fd,
            int readiness,
            InetSocketAddress peer,
            PosixListener listener) {
        return new UringSocket(reactor, this, fd, readiness, peer, listener);
    }

    @Override
    AcceptHandle newAcceptHandle(Reactor reactor, int fd, InetSocketAddress bound) {
        return new UringAcceptHandle(reactor, this, fd, bound);
    }

    /** The slot of {@code handle}, which gets one if it has none. */
    int slotOf(ReadinessHandle handle) {
        int slot = handle.slot;
        if (slot == ReadinessHandle.NOT_REGISTERED) {
            slot = takeSlot();
            handles[slot] = handle;
            handle.slot = slot;
        }
        return slot;
    }

    /** Receives whatever comes, until it is cancelled or no buffer is left. */
    void receive(UringSocket socket) {
        int slot = slotOf(socket);
        BufferPool pool = socket.reactor().buffers();
        if (buffers == null && !retired) {
            ring.enable();
            buffers = new BufferRing(ring, state, pool);
            buffers.refill();
        }
        put(
                IoUring.IORING_OP_RECV,
                IoUring.IOSQE_BUFFER_SELECT,
                IoUring.IORING_RECV_MULTISHOT,
                socket.fd,
                0,
                0,
                0,
                data(slot, RECEIVE));
    }

    /** Accepts whoever comes, until it is cancelled or fails. */
    void accept(UringAcceptHandle handle) {
        int slot = slotOf(handle);
        put(
                IoUring.IORING_OP_ACCEPT,
                0,
                IoUring.IORING_ACCEPT_MULTISHOT,
                handle.fd,
                0,
                0,
                Sockets.ACCEPT_FLAGS,
                data(slot, ACCEPT));
    }

    /**
     * Sends at the end of the turn, and without waiting: a completion comes only if the kernel has
     * not taken all. The memory is the kernel's until {@link UringSocket#onTaken}.
     *
     * @param operation {@code IORING_OP_SEND} or {@code IORING_OP_SENDMSG}
     * @param length bytes, or 1
     */
    void queueSend(UringSocket socket, int operation, long address, int length) {
        int slot = slotOf(socket);
        put(
                operation,
                IoUring.IOSQE_CQE_SKIP_SUCCESS,
                0,
                socket.fd,
                address,
                length,
                DECIDED_AT_ONCE,
                data(slot, SEND));
        sending[sendingCount++] = socket;
        if (sendingCount == sending.length) {
            submit();
        }
    }

    /** Sends as long as it takes; a completion comes in any case. */
    void send(UringSocket socket, int operation, long address, int length) {
        int slot = slotOf(socket);
        put(operation, 0, 0, socket.fd, address, length, UNTIL_ALL_IS_SENT, data(slot, SEND));
    }

    /**
     * Sends what the peer takes, out of our memory; what comes last is a notification that it is
     * free.
     */
    void sendUncopied(UringSocket socket, long address, int length) {
        int slot = slotOf(socket);
        put(
                IoUring.IORING_OP_SEND_ZC,
                0,
                IoUring.IORING_SEND_ZC_REPORT_USAGE,
                socket.fd,
                address,
                length,
                Sockets.MSG_NOSIGNAL,
                data(slot, SEND_UNCOPIED));
        submit();
    }

    /** Asks the kernel to end an operation. */
    void cancel(int slot, int kind) {
        put(
                IoUring.IORING_OP_ASYNC_CANCEL,
                IoUring.IOSQE_CQE_SKIP_SUCCESS,
                0,
                -1,
                data(slot, kind),
                0,
                0,
                data(slot, kind | CANCEL));
    }

    /** Where received bytes are. */
    BufferRing buffers() {
        return buffers;
    }

    /** Hands over what is queued, and learns what became of the sends among it. */
    void submit() {
        ring.enable();
        for (int i = 0; i < CANCEL_ROUNDS_MAX && ring.pending() > 0; i++) {
            ring.submit();
        }
        dispatch();
    }

    /** As {@link #submit}; and the kernel does what is left to do. */
    void enter() {
        ring.enable();
        ring.enter();
        dispatch();
    }

    @Override
    public String name() {
        return UringBackendProvider.NAME;
    }

    @Override
    public int poll() {
        prepare();
        if (ring.pending() == 0 && !ring.hasNews()) {
            return 0;
        }
        ring.enter();
        return dispatch();
    }

    @Override
    public int await(long timeoutNanos) {
        prepare();
        if (ring.hasCompletion()) {
            ring.enter();
        } else {
            ring.await(timeoutNanos);
        }
        return dispatch();
    }

    private void prepare() {
        if (!awaitsWakes) {
            ring.enable();
            awaitWakes();
        }
        if (buffers != null) {
            buffers.refill();
        }
    }

    private void awaitWakes() {
        awaitsWakes = true;
        put(
                IoUring.IORING_OP_POLL_ADD,
                0,
                0,
                wakeFd,
                0,
                IoUring.IORING_POLL_ADD_MULTI,
                Epoll.EPOLLIN | Epoll.EPOLLET,
                WAKE);
    }

    @Override
    public void wake() {
        EventFd.signal(wakeFd);
    }

    @Override
    void retire() {
        if (buffers != null) {
            enter(); // what was cancelled ends
            buffers.close();
            buffers = null;
        }
        retired = true;
    }

    @Override
    public void close() {
        pipes().close();
        ring.close();
        Descriptors.close(state, wakeFd);
        arena.close();
    }

    /** Takes all completions; then what was handed over without one is known to be over. */
    private int dispatch() {
        int count = 0;
        boolean taken = ring.pending() == 0;
        while (ring.hasCompletion()) {
            long entry = ring.completion();
            long data = CompletionEntry.userData(entry);
            int result = CompletionEntry.result(entry);
            int flags = CompletionEntry.flags(entry);
            ring.advance();
            complete(data, result, flags);
            count++;
        }
        if (sendingCount > 0 && taken) {
            settleSends();
        }
        return count;
    }

    private void complete(long data, int result, int flags) {
        int kind = (int) data & KIND_MASK;
        if (kind == WAKE) {
            awaitsWakes = (flags & IoUring.IORING_CQE_F_MORE) != 0;
            return;
        }
        int slot = (int) data >>> KIND_BITS;
        boolean isCurrent = generations[slot] == (int) (data >>> Integer.SIZE);
        if (kind >= CANCEL) {
            if (isCurrent) {
                onCancelMissed(slot, kind - CANCEL);
            }
            return;
        }
        assert isCurrent : "slot=" + slot;
        ReadinessHandle handle = handles[slot];
        if (kind == POLL) {
            onPolled(slot, handle, result, (flags & IoUring.IORING_CQE_F_MORE) != 0);
        } else {
            handle.onCompletion(kind, result, flags);
        }
        if (handle.slot != slot && !isBusy(slot, handle)) {
            giveBack(slot); // closed before its operations ended
        }
    }

    /** The operation has ended, or goes on; who is to end it asks again. */
    private void onCancelMissed(int slot, int kind) {
        if (kind == POLL) {
            polls[slot] = polls[slot].cancelMissed();
        } else {
            handles[slot].onCancelMissed(kind);
        }
    }

    /** The kernel has taken all sends, and those that it complained of are known. */
    private void settleSends() {
        int count = sendingCount;
        sendingCount = 0;
        for (int i = 0; i < count; i++) {
            UringSocket socket = sending[i];
            sending[i] = null;
            socket.onTaken();
        }
    }

    private long data(int slot, int kind) {
        return (long) generations[slot] << Integer.SIZE | (long) slot << KIND_BITS | kind;
    }

    private void put(
            int operation,
            int flags,
            int priority,
            int fd,
            long address,
            int length,
            int operationFlags,
            long data) {
        ring.enable();
        SubmissionEntry.put(
                ring.next(), operation, flags, priority, fd, address, length, operationFlags, data);
    }
}
