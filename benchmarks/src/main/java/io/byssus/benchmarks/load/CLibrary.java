package io.byssus.benchmarks.load;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor; // allow ImportControl: see the class comment
import java.lang.foreign.Linker; // allow ImportControl: see the class comment
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Binds functions of the C library: the one class of this module that leaves Java.
 *
 * <p>The load generator does not borrow the runtime's own binding: a defect there must not be able
 * to flatter both sides of the measurement.
 *
 * <p><b>Ownership:</b> stateless, any thread.
 */
final class CLibrary {
    /** C's {@code int}. */
    static final MemoryLayout INT = JAVA_INT;

    /** C's {@code ssize_t} and {@code size_t}, and an address that is passed as a number. */
    static final MemoryLayout WORD = JAVA_LONG;

    static final MemoryLayout POINTER = ADDRESS;

    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));

    private CLibrary() {}

    /** A function that is called without looking at errno. */
    static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return bind(name, FunctionDescriptor.of(result, arguments));
    }

    /** A function whose first argument is a segment of {@link #errnoState}. */
    static MethodHandle withErrno(String name, MemoryLayout result, MemoryLayout... arguments) {
        return bind(name, FunctionDescriptor.of(result, arguments), CAPTURE);
    }

    /**
     * The same, called without a change of the thread's state, which saves some nanoseconds. Only
     * for a function that cannot block: a garbage collection has to wait for its return.
     */
    static MethodHandle criticalWithErrno(
            String name, MemoryLayout result, MemoryLayout... arguments) {
        return bind(
                name,
                FunctionDescriptor.of(result, arguments),
                CAPTURE,
                Linker.Option.critical(false));
    }

    static MemorySegment errnoState(Arena arena) {
        return arena.allocate(Linker.Option.captureStateLayout());
    }

    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /** What to throw for the exception that a method handle's signature makes one catch. */
    static AssertionError notThrown(Throwable impossible) {
        return new AssertionError("a C function cannot throw", impossible);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle bind(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(), descriptor, options);
    }
}
