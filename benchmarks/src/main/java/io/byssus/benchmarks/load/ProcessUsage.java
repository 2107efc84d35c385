package io.byssus.benchmarks.load;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the kernel has booked on a process: CPU time, time spent runnable but waiting for a core,
 * and memory.
 *
 * <p><b>CPU time</b> is read from the process's POSIX CPU clock ({@code clock_getcpuclockid}): it
 * counts user and system time of all threads, those that have ended included, in nanoseconds. The
 * alternatives are worse: {@code /proc/PID/stat} ticks in 10 ms steps, and {@code schedstat} is per
 * thread and forgets the threads that have ended.
 *
 * <p><b>Waiting time</b> has no such clock and is summed over the living threads' {@code
 * schedstat}; it only serves to tell how much the machine was disturbed.
 *
 * <p><b>Ownership:</b> stateless, any thread.
 */
public final class ProcessUsage {
    private static final double BYTES_PER_KIB = 1024;
    private static final long TIMESPEC_BYTES = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private static final Pattern COMPILER = Pattern.compile("C[12] Compiler");

    /** Fields of schedstat: nanoseconds on a core, nanoseconds waiting for one, time slices. */
    private static final int RUNNING = 0;

    private static final int WAITING = 1;

    private static final MethodHandle CLOCK_GETCPUCLOCKID =
            CLibrary.function("clock_getcpuclockid", CLibrary.INT, CLibrary.INT, CLibrary.POINTER);
    private static final MethodHandle CLOCK_GETTIME =
            CLibrary.function("clock_gettime", CLibrary.INT, CLibrary.INT, CLibrary.POINTER);

    private ProcessUsage() {}

    /**
     * CPU nanoseconds, user and system, of the process since its start.
     *
     * @throws IllegalStateException when there is no such process (any more)
     */
    public static long cpuNanos(long pid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment clock = arena.allocate(JAVA_INT);
            MemorySegment time = arena.allocate(TIMESPEC_BYTES, Long.BYTES);
            if ((int) CLOCK_GETCPUCLOCKID.invokeExact((int) pid, clock) != 0
                    || (int) CLOCK_GETTIME.invokeExact(clock.get(JAVA_INT, 0), time) != 0) {
                throw new IllegalStateException("no such process: pid=" + pid);
            }
            return time.get(JAVA_LONG, 0) * NANOS_PER_SECOND + time.get(JAVA_LONG, Long.BYTES);
        } catch (IllegalStateException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    /** Nanoseconds for which the process's living threads were runnable without a core. */
    public static long waitNanos(long pid) {
        return threads(pid).stream().mapToLong(thread -> schedstat(thread, WAITING)).sum();
    }

    /**
     * Nanoseconds that a JVM's compiler threads have run or wanted to run; 0 for another process.
     * While this grows by much, the server is not warm: on its one core the compiler competes with
     * what it compiles.
     */
    public static long compilerNanos(long pid) {
        return threads(pid).stream()
                .filter(thread -> COMPILER.matcher(read(thread.resolve("comm"))).lookingAt())
                .mapToLong(thread -> schedstat(thread, RUNNING) + schedstat(thread, WAITING))
                .sum();
    }

    private static List<Path> threads(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.toList();
        } catch (IOException gone) {
            throw new UncheckedIOException("no such process: pid=" + pid, gone);
        }
    }

    private static long schedstat(Path thread, int field) {
        String[] fields = read(thread.resolve("schedstat")).split(" ");
        return fields.length > field ? Long.parseLong(fields[field]) : 0;
    }

    /** Empty when the thread has ended since it was listed; what it waited is lost. */
    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException threadEnded) {
            return "";
        }
    }

    /** The highest resident memory that the process has had, in MiB. */
    public static double peakResidentMebibytes(long pid) {
        return statusKibibytes(pid, "VmHWM:") / BYTES_PER_KIB;
    }

    /** The resident memory of the process now, in bytes. */
    public static double residentBytes(long pid) {
        return statusKibibytes(pid, "VmRSS:") * BYTES_PER_KIB;
    }

    private static long statusKibibytes(long pid, String field) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith(field)) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException gone) {
            throw new UncheckedIOException("no such process: pid=" + pid, gone);
        }
        throw new IllegalStateException("no field " + field + " in the status of pid=" + pid);
    }
}
