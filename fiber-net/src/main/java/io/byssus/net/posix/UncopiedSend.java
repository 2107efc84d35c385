package io.byssus.net.posix;

import io.byssus.net.uring.OperationState;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.IoUring;

/**
 * A connection's send that the kernel makes out of our memory, without a copy of its own. It costs
 * 5.5 microseconds more than another, for the notification that the memory is free, and a copy a
 * tenth of one per KiB: so from 64 KiB on it is worth a try (measured with a loop in C on the
 * loopback, where the kernel copies in either case, so that the difference is the cost). Once the
 * kernel reports that it has copied nevertheless, the connection sends no more so.
 *
 * <p>At most one is under way; while its memory is in use, what comes behind it is copied.
 *
 * <p><b>Ownership:</b> its socket's.
 */
final class UncopiedSend {
    /** From where on it is worth it. */
    static final int BYTES_MIN = 65_536;

    private OperationState state = OperationState.IDLE;

    /** A share of what is sent, until the kernel needs it no more; or null. */
    private Buffer memory;

    private boolean copies;
    private int result;

    /** Whether the next large send may be one. */
    boolean isOfUse() {
        return state == OperationState.IDLE && !copies;
    }

    /** Its memory is the kernel's. */
    boolean isBusy() {
        return state.isBusy();
    }

    /** It has no result yet. */
    boolean isUndecided() {
        return state == OperationState.IN_FLIGHT || state == OperationState.CANCELLING;
    }

    /** Whether there is something to cancel; then it is taken for cancelled. */
    boolean cancel() {
        if (state != OperationState.IN_FLIGHT) {
            return false;
        }
        state = state.cancelled();
        return true;
    }

    void onCancelMissed() {
        state = state.cancelMissed();
    }

    /** What is to be sent; the caller's stays its own. */
    Buffer begin(Buffer buffer) {
        state = state.submitted();
        memory = buffer.share();
        return memory;
    }

    void onCompletion(int value, int flags) {
        if ((flags & IoUring.IORING_CQE_F_NOTIF) != 0) {
            state = state.notified();
            copies |= (value & IoUring.IORING_NOTIF_USAGE_ZC_COPIED) != 0;
        } else {
            result = value;
            boolean notified = (flags & IoUring.IORING_CQE_F_MORE) == 0;
            state = notified ? state.completed(false) : state.completedBeforeNotification();
        }
        if (!state.isBusy()) {
            memory.close();
            memory = null;
        }
    }

    /** How many bytes were sent. */
    int sent() {
        return Math.max(result, 0);
    }

    /** What ended it, or 0; the rest can be sent otherwise then. */
    int error() {
        return switch (-result) {
            case Errno.EINTR, Errno.EAGAIN, Errno.ECANCELED, Errno.ENOMEM -> 0;
            case Errno.EOPNOTSUPP, Errno.EINVAL -> {
                copies = true; // no such thing on this kind of socket
                yield 0;
            }
            default -> Math.max(-result, 0);
        };
    }
}
