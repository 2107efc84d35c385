package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;

/**
 * sched_setaffinity(2) for the calling platform thread. Where there is none ({@link HostSystem}), a
 * thread may use every processor, and cannot be bound.
 *
 * <p>A thread inherits the mask of the thread that starts it, and {@code availableProcessors()}
 * answers for the caller's mask: so {@link #ofProcess} is read once, by the first thread to load
 * this class, before anything is pinned.
 */
public final class Affinity {
    private static final BitSet OF_PROCESS = ofThread();

    /** Read at the same moment, for the same reason. */
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private Affinity() {}

    /** Whether threads can be bound to processors at all. */
    public static boolean isSupported() {
        return HostSystem.isLinux();
    }

    /** The processors that the process may use, as it was started. */
    public static BitSet ofProcess() {
        return (BitSet) OF_PROCESS.clone();
    }

    /**
     * How many processors' time the process may use: fewer than {@link #ofProcess} under a quota.
     */
    public static int processorsOfProcess() {
        return PROCESSORS;
    }

    /** The processors that the calling thread may use. */
    public static BitSet ofThread() {
        if (isSupported()) {
            return Kernel.ofThread();
        }
        BitSet every = new BitSet();
        every.set(0, Runtime.getRuntime().availableProcessors());
        return every;
    }

    /** Binds the calling platform thread to {@code cpus}; false if the kernel refuses. */
    public static boolean bindThread(BitSet cpus) {
        return isSupported() && Kernel.bindThread(cpus);
    }

    /** Linked when it is first needed, on Linux only. */
    private static final class Kernel {
        /** Bits of the kernel's {@code cpu_set_t}. */
        private static final int CPUS_MAX = 1024;

        private static final MethodHandle SET =
                Downcalls.withErrno("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
        private static final MethodHandle GET =
                Downcalls.withErrno("sched_getaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

        static BitSet ofThread() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment mask = arena.allocate(CPUS_MAX / Byte.SIZE, Long.BYTES);
                int result =
                        (int)
                                GET.invokeExact(
                                        CallState.ofThread().segment,
                                        0,
                                        mask.byteSize(),
                                        mask.address());
                return result < 0
                        ? new BitSet()
                        : BitSet.valueOf(mask.toArray(ValueLayout.JAVA_BYTE));
            } catch (Throwable e) {
                throw Downcalls.unreachable(e);
            }
        }

        static boolean bindThread(BitSet cpus) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment mask = arena.allocate(CPUS_MAX / Byte.SIZE, Long.BYTES);
                mask.copyFrom(MemorySegment.ofArray(cpus.toByteArray()));
                int result =
                        (int)
                                SET.invokeExact(
                                        CallState.ofThread().segment,
                                        0,
                                        mask.byteSize(),
                                        mask.address());
                return result == 0;
            } catch (Throwable e) {
                throw Downcalls.unreachable(e);
            }
        }
    }
}
