package io.byssus.net.uring;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.CompletionEntry;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.IoUring;
import io.byssus.runtime.os.IoUringParameters;
import io.byssus.runtime.os.IoUringWait;
import io.byssus.runtime.os.RawMemory;
import io.byssus.runtime.os.SubmissionEntry;
import java.lang.foreign.Arena;

/**
 * An io_uring: entries are written into the submission queue and handed over together, and
 * completions are taken from the other queue without a system call.
 *
 * <p>It is made disabled, since shards are made before their carriers run; the thread that {@link
 * #enable enables} it is its single issuer, in which the kernel does all that is left to do of an
 * operation, and only while that thread is in {@link #enter}.
 *
 * <p><b>Ownership:</b> confined to the thread that enables it, once that has happened.
 */
public final class Ring {
    /** More than a turn of the loop submits, and few, so that they stay in the cache. */
    private static final int SUBMISSIONS = 256;

    /** Above that, the kernel keeps completions until there is room. */
    private static final int COMPLETIONS = 2048;

    private static final int FLAGS =
            IoUring.IORING_SETUP_R_DISABLED
                    | IoUring.IORING_SETUP_SINGLE_ISSUER
                    | IoUring.IORING_SETUP_DEFER_TASKRUN
                    | IoUring.IORING_SETUP_TASKRUN_FLAG
                    | IoUring.IORING_SETUP_SUBMIT_ALL
                    | IoUring.IORING_SETUP_CQSIZE;
    private static final int FEATURES =
            IoUring.IORING_FEAT_NODROP
                    | IoUring.IORING_FEAT_SUBMIT_STABLE
                    | IoUring.IORING_FEAT_EXT_ARG
                    | IoUring.IORING_FEAT_CQE_SKIP;

    /** Says the kernel has something for us that no queue shows. */
    private static final int LEFT_TO_DO = IoUring.IORING_SQ_TASKRUN | IoUring.IORING_SQ_CQ_OVERFLOW;

    private static final long NO_TIMEOUT = Long.MAX_VALUE;

    private final CallState state;
    private final Arena arena = Arena.ofShared();
    private final int fd;
    private final long queues;
    private final long queuesBytes;
    private final long entries;
    private final long entriesBytes;
    private final int submissionMask;
    private final long submissionTail;
    private final long submissionFlags;
    private final int completionMask;
    private final long completionHead;
    private final long completionTail;
    private final long completions;
    private final long wait;

    /** Of the submission queue; what the kernel knows of it is behind by {@link #pending}. */
    private int tail;

    private int pending;

    /** Of the completion queue. */
    private int head;

    private boolean enabled;

    /**
     * A disabled ring.
     *
     * @throws UnsupportedOperationException if the kernel refuses, or is too old
     */
    public Ring(CallState state) {
        this.state = state;
        long parameters = arena.allocate(IoUringParameters.BYTES, Long.BYTES).address();
        IoUringParameters.begin(parameters, FLAGS, COMPLETIONS);
        fd = IoUring.setup(state, SUBMISSIONS, parameters);
        if (fd < 0) {
            arena.close();
            throw refused("io_uring_setup");
        }
        if ((IoUringParameters.features(parameters) & FEATURES) != FEATURES) {
            arena.close();
            Descriptors.close(state, fd);
            throw new UnsupportedOperationException("io_uring: the kernel is too old");
        }
        int submissionCount = IoUringParameters.submissionCount(parameters);
        int completionCount = IoUringParameters.completionCount(parameters);
        int array = IoUringParameters.submissionArray(parameters);
        int firstCompletion = IoUringParameters.completionEntries(parameters);
        queuesBytes =
                Math.max(
                        array + (long) submissionCount * Integer.BYTES,
                        firstCompletion + (long) completionCount * CompletionEntry.BYTES);
        queues = IoUring.mapQueues(state, fd, queuesBytes);
        entriesBytes = (long) submissionCount * SubmissionEntry.BYTES;
        entries = queues < 0 ? -1 : IoUring.mapEntries(state, fd, entriesBytes);
        if (entries < 0) {
            UnsupportedOperationException refused = refused("mmap of an io_uring");
            if (queues >= 0) {
                IoUring.unmap(state, queues, queuesBytes);
            }
            arena.close();
            Descriptors.close(state, fd);
            throw refused;
        }
        submissionMask = submissionCount - 1;
        submissionTail = queues + IoUringParameters.submissionTail(parameters);
        submissionFlags = queues + IoUringParameters.submissionFlags(parameters);
        completionMask = completionCount - 1;
        completionHead = queues + IoUringParameters.completionHead(parameters);
        completionTail = queues + IoUringParameters.completionTail(parameters);
        completions = queues + firstCompletion;
        wait = arena.allocate(IoUringWait.ALL_BYTES, Long.BYTES).address();
        for (int i = 0; i < submissionCount; i++) { // entries are used in their order
            RawMemory.putInt(queues + array + (long) i * Integer.BYTES, i);
        }
    }

    /**
     * Makes the calling thread the ring's. Idempotent.
     *
     * @throws UnsupportedOperationException if the kernel refuses
     */
    public void enable() {
        if (!enabled) {
            if (register(IoUring.IORING_REGISTER_ENABLE_RINGS, 0, 0) < 0) {
                throw refused("io_uring_register");
            }
            enabled = true;
        }
    }

    public boolean isEnabled() {
        return enabled;
    }

    /** {@code io_uring_register}: 0, or -1 with errno in the call state. */
    public int register(int operation, long argument, int arguments) {
        return IoUring.register(state, fd, operation, argument, arguments);
    }

    /** Entries that were written and not handed over. */
    public int pending() {
        return pending;
    }

    /** Entries that a batch can have. */
    public int capacity() {
        return submissionMask + 1;
    }

    /** Address of the next {@link SubmissionEntry}, which the caller fills at once. */
    public long next() {
        if (pending > submissionMask) {
            enter(0);
        }
        long entry = entries + (long) (tail & submissionMask) * SubmissionEntry.BYTES;
        tail++;
        pending++;
        return entry;
    }

    /** Whether there are completions to take, or others will be there after {@link #enter}. */
    public boolean hasNews() {
        return hasCompletion() || (RawMemory.getIntAcquire(submissionFlags) & LEFT_TO_DO) != 0;
    }

    /** Hands over what is pending; the kernel does what is left to do, and waits for nothing. */
    public void enter() {
        enter(IoUring.IORING_ENTER_GETEVENTS);
    }

    /** Hands over what is pending; nothing else is done. */
    public void submit() {
        enter(0);
    }

    /** As {@link #enter()}, but waits for a completion; the time may be {@code Long.MAX_VALUE}. */
    public void await(long timeoutNanos) {
        RawMemory.putIntRelease(submissionTail, tail);
        long argument = 0;
        int flags = IoUring.IORING_ENTER_GETEVENTS;
        if (timeoutNanos != NO_TIMEOUT) {
            IoUringWait.put(wait, timeoutNanos);
            argument = wait;
            flags |= IoUring.IORING_ENTER_EXT_ARG;
        }
        taken(IoUring.enter(state, fd, pending, 1, flags, argument));
    }

    private void enter(int flags) {
        RawMemory.putIntRelease(submissionTail, tail);
        taken(IoUring.enter(state, fd, pending, 0, flags, 0));
    }

    /** Notes what the kernel has taken; what it refused for now is tried again in the next call. */
    private void taken(int result) {
        if (result >= 0) {
            pending -= result;
            assert pending >= 0;
            return;
        }
        int errno = state.errno();
        assert errno == Errno.EINTR
                        || errno == Errno.ETIME
                        || errno == Errno.EAGAIN
                        || errno == Errno.EBUSY
                : "io_uring_enter: " + Errno.message(errno);
    }

    /** Whether {@link #completion} has one. */
    public boolean hasCompletion() {
        return head != RawMemory.getIntAcquire(completionTail);
    }

    /** Address of the first {@link CompletionEntry}; only if there is one. */
    public long completion() {
        return completions + (long) (head & completionMask) * CompletionEntry.BYTES;
    }

    /** Gives the first completion's place back. */
    public void advance() {
        RawMemory.putIntRelease(completionHead, ++head);
    }

    /** Gives everything back; the kernel ends what is still in flight. */
    public void close() {
        IoUring.unmap(state, entries, entriesBytes);
        IoUring.unmap(state, queues, queuesBytes);
        Descriptors.close(state, fd);
        arena.close();
    }

    private UnsupportedOperationException refused(String operation) {
        return new UnsupportedOperationException(operation + ": " + Errno.message(state.errno()));
    }
}
