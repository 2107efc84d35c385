package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.invoke.MethodHandle;

/** gettid(2): the kernel's number of a thread, as in {@code /proc/self/task} and {@code top -H}. */
public final class ThreadId {
    private ThreadId() {}

    /**
     * That of the calling platform thread, or of the carrier under a virtual one; 0 if this is not
     * Linux.
     */
    public static int current() {
        return HostSystem.isLinux() ? Kernel.current() : 0;
    }

    /** Linked when it is first needed. */
    private static final class Kernel {
        private static final MethodHandle GETTID = Downcalls.plain("gettid", JAVA_INT);

        static int current() {
            try {
                return (int) GETTID.invokeExact();
            } catch (Throwable e) {
                throw Downcalls.unreachable(e);
            }
        }
    }
}
