package io.byssus.runtime.os;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Where a downcall leaves errno.
 *
 * <p><b>Ownership:</b> confined to one shard (or one thread) at a time; a fiber never parks between
 * a call and the look at its errno. The memory is global: a segment of a closable arena would cost
 * two atomic operations per call.
 */
public final class CallState {
    private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            LAYOUT.varHandle(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));

    private static final ThreadLocal<CallState> OF_THREAD = ThreadLocal.withInitial(CallState::new);

    final MemorySegment segment = Arena.global().allocate(LAYOUT);

    public CallState() {
        assert LAYOUT.byteSize() >= ValueLayout.JAVA_INT.byteSize();
    }

    /** The calling thread's own; for cold paths outside a shard. */
    public static CallState ofThread() {
        return OF_THREAD.get();
    }

    /** The errno of the last call made with this object; only meaningful if that call failed. */
    public int errno() {
        return (int) ERRNO.get(segment, 0L);
    }
}
