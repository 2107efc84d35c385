package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * {@code malloc} and {@code free}, and elsewhere than on Linux the JDK's arenas.
 *
 * <p>Not the arenas on Linux: they count towards the limit of direct memory, and at the limit the
 * allocating thread waits for a garbage collection, which would stop the shard.
 */
public final class NativeMemory {
    private NativeMemory() {}

    /**
     * The address of {@code bytes} new bytes of undefined content.
     *
     * @throws OutOfMemoryError if the system has none
     */
    public static long allocate(long bytes) {
        long address = tryAllocate(bytes);
        if (address == 0) {
            throw new OutOfMemoryError("malloc: no " + bytes + " bytes of native memory");
        }
        return address;
    }

    /** As {@link #allocate}, but 0 if the system has none. */
    public static long tryAllocate(long bytes) {
        return HostSystem.isLinux() ? Heap.allocate(bytes) : ArenaMemory.tryAllocate(bytes);
    }

    /** Gives back what {@link #allocate} answered. */
    public static void release(long address) {
        if (HostSystem.isLinux()) {
            Heap.release(address);
        } else {
            ArenaMemory.release(address);
        }
    }

    /**
     * The memory at {@code address} as a segment; from now on the garbage collector releases it,
     * when nothing refers to the segment, its slices and their byte buffers any more.
     */
    @SuppressWarnings("restricted")
    public static MemorySegment collected(long address, long bytes) {
        return MemorySegment.ofAddress(address)
                .reinterpret(bytes, Arena.ofAuto(), segment -> release(segment.address()));
    }

    /** The C library's. */
    private static final class Heap {
        private static final MethodHandle MALLOC = Downcalls.plain("malloc", JAVA_LONG, JAVA_LONG);
        private static final MethodHandle FREE = free();

        static long allocate(long bytes) {
            try {
                return (long) MALLOC.invokeExact(bytes);
            } catch (Throwable e) {
                throw Downcalls.unreachable(e);
            }
        }

        static void release(long address) {
            try {
                FREE.invokeExact(address);
            } catch (Throwable e) {
                throw Downcalls.unreachable(e);
            }
        }

        @SuppressWarnings("restricted")
        private static MethodHandle free() {
            Linker linker = Linker.nativeLinker();
            MemorySegment symbol = linker.defaultLookup().find("free").orElseThrow();
            return linker.downcallHandle(symbol, FunctionDescriptor.ofVoid(JAVA_LONG));
        }
    }
}
