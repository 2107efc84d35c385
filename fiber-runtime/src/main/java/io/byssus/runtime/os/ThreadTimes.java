package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What the kernel says a thread's time was spent on: on a processor, waiting for one, or neither. A
 * reading costs a microsecond or two and no garbage, and the thread does not notice.
 *
 * <p>Sources: the thread's processor clock (clock_gettime(2), exact to the moment), the time it has
 * waited in a run queue ({@code /proc/self/task/TID/schedstat}, second figure, which counts a wait
 * when it is over) and its state ({@code .../stat}, see proc_pid_stat(5)).
 *
 * <p><b>Ownership:</b> one thread at a time, any thread; two descriptors until {@link #close}.
 */
public final class ThreadTimes implements AutoCloseable {
    /** Whether the thread wants a processor at the moment of the reading. */
    public enum State {
        /** Has one, or waits for one. */
        RUNNABLE,
        /** Waits in a system call: for input, a lock, a timer. */
        WAITING,
        /** Waits for a disk: in a call, or for a page of memory. */
        DISK,
        /** SIGSTOP, a debugger. */
        STOPPED,
        /** The kernel does not tell. */
        UNKNOWN
    }

    /** linux/posix-timers_types.h: CPUCLOCK_PERTHREAD_MASK, CPUCLOCK_SCHED. */
    private static final int THREAD_PROCESSOR_CLOCK = 4 | 2;

    private static final int CLOCK_ID_SHIFT = 3;

    private static final MethodHandle CLOCK_GETTIME =
            Downcalls.plain("clock_gettime", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PREAD =
            Downcalls.plain("pread", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final int TEXT_BYTES = 512;
    private static final int TIMESPEC_BYTES = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final int clockId;
    private final int schedstat;
    private final int stat;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment timespec = arena.allocate(TIMESPEC_BYTES, Long.BYTES);
    private final MemorySegment text = arena.allocate(TEXT_BYTES);

    private long runNanos;
    private long waitNanos;

    /**
     * @param threadId the kernel's number of a thread of this process, see {@link ThreadId}
     */
    public ThreadTimes(int threadId) {
        clockId = (~threadId << CLOCK_ID_SHIFT) | THREAD_PROCESSOR_CLOCK;
        String folder = "/proc/self/task/" + threadId + "/";
        CallState call = CallState.ofThread();
        schedstat = Descriptors.openForReading(call, arena.allocateFrom(folder + "schedstat"));
        stat = Descriptors.openForReading(call, arena.allocateFrom(folder + "stat"));
    }

    /** Asks the kernel. What it does not tell (the thread has ended) stays as it was. */
    public void read() {
        try {
            int result = (int) CLOCK_GETTIME.invokeExact(clockId, timespec.address());
            if (result == 0) {
                runNanos =
                        timespec.getAtIndex(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND
                                + timespec.getAtIndex(ValueLayout.JAVA_LONG, 1);
            }
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
        int length = load(schedstat);
        if (length > 0) {
            waitNanos = secondNumber(length);
        }
    }

    /** What it does at this moment; some microseconds more than {@link #read}. */
    public State state() {
        int length = load(stat);
        return length > 0 ? state(length) : State.UNKNOWN;
    }

    /** Nanoseconds that it has run, at the last {@link #read}. */
    public long runNanos() {
        return runNanos;
    }

    /** Nanoseconds that it has waited for a processor, without a wait that goes on. */
    public long waitNanos() {
        return waitNanos;
    }

    @Override
    public void close() {
        CallState call = CallState.ofThread();
        if (schedstat >= 0) {
            Descriptors.close(call, schedstat);
        }
        if (stat >= 0) {
            Descriptors.close(call, stat);
        }
        arena.close();
    }

    /**
     * Reads the file from its beginning into {@link #text}; the number of bytes, or less than 1.
     */
    private int load(int descriptor) {
        if (descriptor < 0) {
            return -1;
        }
        try {
            return (int)
                    (long) PREAD.invokeExact(descriptor, text.address(), (long) TEXT_BYTES, 0L);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** {@code 71876456 567643 50}: run, waited, time slices. */
    private long secondNumber(int length) {
        int at = 0;
        while (at < length && character(at) != ' ') {
            at++;
        }
        long number = 0;
        for (at++; at < length && Character.isDigit(character(at)); at++) {
            number = number * 10 + (character(at) - '0');
        }
        return number;
    }

    /** {@code 4711 (a name) with (S) in it) R 1 ...}: the letter after the last parenthesis. */
    private State state(int length) {
        int at = length - 1;
        while (at >= 0 && character(at) != ')') {
            at--;
        }
        if (at < 0 || at + 2 >= length) {
            return State.UNKNOWN;
        }
        return switch (character(at + 2)) {
            case 'R' -> State.RUNNABLE;
            case 'S' -> State.WAITING;
            case 'D' -> State.DISK;
            case 'T', 't' -> State.STOPPED;
            default -> State.UNKNOWN;
        };
    }

    private char character(int at) {
        return (char) text.get(ValueLayout.JAVA_BYTE, at);
    }
}
