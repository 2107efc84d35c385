package io.byssus.net.uring;

/**
 * Where an operation of io_uring is. As long as it is not {@link #IDLE}, the kernel may write to or
 * read from its memory, and holds its file open, whatever was closed here meanwhile.
 *
 * <pre>{@code
 *          submitted              cancelled
 * IDLE ---------------> IN_FLIGHT ----------> CANCELLING
 *  ^                     |  |  ^ completed        |  ^ completed
 *  |      completed,     |  |  +- more comes      |  +- more comes
 *  |      the last       |  |                     |
 *  +---------------------+  | result of a         | completed, the last:
 *  |                        | zero-copy send      | cancelled, or just done
 *  |   notified             v                     |
 *  +----------------- NOTIFICATION_DUE            |
 *  +----------------------------------------------+
 * }</pre>
 *
 * <ul>
 *   <li>An operation has one last completion, and only that makes it idle. To cancel is to ask: the
 *       answer may be a result that was on its way, or that the kernel did not find it just then.
 *   <li>A multishot operation has completions before its last one; so does a zero-copy send, whose
 *       first one is its result, and the last one says that the kernel has done with the memory.
 *       That comes by itself, and cannot be asked for.
 *   <li>{@link #QUEUED} is for sends that never wait: the kernel decides on them in the very call
 *       that takes them from the queue, and tells only if it has not taken everything. So after
 *       that call, without a completion, the operation is over.
 * </ul>
 *
 * <p><b>Ownership:</b> immutable.
 */
public enum OperationState {
    /** Nothing of it is with the kernel. */
    IDLE,
    /** In the submission queue; it is over when the kernel has taken it from there. */
    QUEUED,
    /** In the submission queue or with the kernel. */
    IN_FLIGHT,
    /** As in flight, and the kernel was asked to end it. */
    CANCELLING,
    /** A zero-copy send has its result, and the kernel still reads its memory. */
    NOTIFICATION_DUE;

    /** Put into the submission queue. */
    public OperationState submitted() {
        assert this == IDLE : "submitted while " + this;
        return IN_FLIGHT;
    }

    /** Put into the submission queue, to be decided there. */
    public OperationState queued() {
        assert this == IDLE : "queued while " + this;
        return QUEUED;
    }

    /** The kernel has taken the queue, and has not complained. */
    public OperationState taken() {
        assert this == QUEUED : "taken while " + this;
        return IDLE;
    }

    /** A request to cancel it was put into the submission queue. */
    public OperationState cancelled() {
        assert this == IN_FLIGHT : "cancelled while " + this;
        return CANCELLING;
    }

    /** The kernel has not found it to cancel: its last completion has come, or it goes on. */
    public OperationState cancelMissed() {
        return this == CANCELLING ? IN_FLIGHT : this;
    }

    /** A completion has come; with {@code more}, others will. */
    public OperationState completed(boolean more) {
        assert this == IN_FLIGHT || this == CANCELLING || (this == QUEUED && !more)
                : "completed while " + this;
        return more ? this : IDLE;
    }

    /** The result of a zero-copy send has come, and a notification will. */
    public OperationState completedBeforeNotification() {
        assert this == IN_FLIGHT || this == CANCELLING : "a result while " + this;
        return NOTIFICATION_DUE;
    }

    /** The kernel has done with the memory of a zero-copy send. */
    public OperationState notified() {
        assert this == NOTIFICATION_DUE : "notified while " + this;
        return IDLE;
    }

    /** Whether its memory is the kernel's. */
    public boolean isBusy() {
        return this != IDLE;
    }
}
