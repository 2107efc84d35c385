package io.byssus.net.posix;

import io.byssus.net.uring.OperationState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.IoUring;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.SocketOptions;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.reactor.Reactor;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;

/**
 * A listening socket on io_uring: from the first wait on, a multishot operation accepts whoever
 * comes. Whom its fiber has not taken are bounded; at the bound, and after an error, the operation
 * ends, and the fiber asks the kernel itself until the queue is empty.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class UringAcceptHandle extends AcceptHandle {
    /** Accepted connections that the fiber has not taken. */
    private static final int WAITING_MAX = 64;

    /** Of a client that has gone before it was asked who it is. */
    private static final InetSocketAddress UNKNOWN = new InetSocketAddress("0.0.0.0", 0);

    private final UringBackend uring;
    private final ArrayDeque<Integer> waiting = new ArrayDeque<>();
    private OperationState accepting = OperationState.IDLE;
    private boolean draining;

    UringAcceptHandle(Reactor reactor, UringBackend backend, int fd, InetSocketAddress bound) {
        super(reactor, backend, fd, bound);
        this.uring = backend;
    }

    @Override
    void arm(int bit) {
        assert bit == READABLE : "bit=" + bit;
        if (draining) {
            uring.register(this);
        } else if (accepting == OperationState.IDLE) {
            accepting = accepting.submitted();
            uring.accept(this);
        }
    }

    @Override
    int accept(long scratch) {
        if (!waiting.isEmpty()) {
            int accepted = waiting.remove();
            if (Sockets.remoteAddress(callState(), accepted, scratch) < 0) {
                SocketAddresses.write(UNKNOWN, scratch); // reset already; its reader is told
            }
            return accepted;
        }
        return accepting.isBusy() ? -Errno.EAGAIN : super.accept(scratch);
    }

    @Override
    void drain() {
        draining = true;
        uring.deregister(this);
    }

    @Override
    void turnAway() {
        while (!waiting.isEmpty()) {
            turnAway(waiting.remove());
        }
    }

    private void turnAway(int accepted) {
        SocketOptions.resetOnClose(callState(), accepted);
        Descriptors.close(callState(), accepted);
    }

    @Override
    void onCompletion(int kind, int result, int flags) {
        accepting = accepting.completed((flags & IoUring.IORING_CQE_F_MORE) != 0);
        if (result >= 0) {
            if (isClosed()) {
                turnAway(result);
                return;
            }
            waiting.add(result);
            if (waiting.size() >= WAITING_MAX && accepting == OperationState.IN_FLIGHT) {
                accepting = accepting.cancelled();
                uring.cancel(slot, UringBackend.ACCEPT);
            }
        }
        wakeReader(); // after an error the next accept meets it itself
    }

    @Override
    void cancelOperations(int from) {
        if (accepting == OperationState.IN_FLIGHT) {
            accepting = accepting.cancelled();
            uring.cancel(from, UringBackend.ACCEPT);
        }
    }

    @Override
    void onCancelMissed(int kind) {
        accepting = accepting.cancelMissed();
    }

    @Override
    boolean hasOperations() {
        return accepting.isBusy();
    }
}
