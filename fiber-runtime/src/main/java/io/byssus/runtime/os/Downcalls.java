package io.byssus.runtime.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Makes the method handles of the C library's functions.
 *
 * <p>Pointers are passed as {@code long}: our addresses come from our own pools, and a {@link
 * MemorySegment} argument would cost its liveness check at every call. Each handle is kept in a
 * {@code static final} field by its caller, so that the JIT compiles the call inline.
 */
final class Downcalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();

    private Downcalls() {}

    /** A function that reports failure through errno: its first argument is a {@link CallState}. */
    static MethodHandle withErrno(String name, MemoryLayout result, MemoryLayout... arguments) {
        return link(name, result, arguments, Linker.Option.captureCallState("errno"));
    }

    /**
     * As {@link #withErrno}, without the thread's transition to native state (about 8 ns less).
     * Only for calls that never wait: a garbage collection waits for them.
     */
    static MethodHandle criticalWithErrno(
            String name, MemoryLayout result, MemoryLayout... arguments) {
        return link(
                name,
                result,
                arguments,
                Linker.Option.captureCallState("errno"),
                Linker.Option.critical(false));
    }

    /** A function whose failure is in its result, if it can fail. */
    static MethodHandle plain(String name, MemoryLayout result, MemoryLayout... arguments) {
        return link(name, result, arguments);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(
            String name, MemoryLayout result, MemoryLayout[] arguments, Linker.Option... options) {
        MemorySegment symbol =
                LIBC.find(name)
                        .orElseThrow(() ->
                                new UnsupportedOperationException(
                                        "the C library has no " + name + "()"));
        return LINKER.downcallHandle(symbol, FunctionDescriptor.of(result, arguments), options);
    }

    /** Method handles declare {@code Throwable}; a C function throws nothing. */
    static AssertionError unreachable(Throwable e) {
        return new AssertionError("a C function threw", e);
    }
}
