package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * What is done with the file of a Unix socket. As with {@link Sockets}, -1 is a failure. Cold: it
 * allocates.
 */
public final class SocketFiles {
    private static final int F_DUPFD_CLOEXEC = 1030;

    private static final MethodHandle FCHMOD =
            Downcalls.withErrno("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CHMOD =
            Downcalls.withErrno("chmod", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle UNLINK = Downcalls.withErrno("unlink", JAVA_INT, JAVA_LONG);
    private static final MethodHandle FCNTL =
            Downcalls.withErrno("fcntl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

    private SocketFiles() {}

    /** The permissions, less the process's umask, of the file that {@code bind} will make. */
    public static int modeBeforeBind(CallState state, int fd, int mode) {
        try {
            return (int) FCHMOD.invokeExact(state.segment, fd, mode);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Sets a file's permissions. */
    public static int mode(CallState state, String path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocateFrom(path, StandardCharsets.UTF_8).address();
            return (int) CHMOD.invokeExact(state.segment, address, mode);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Removes a file. */
    public static int remove(CallState state, String path) {
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocateFrom(path, StandardCharsets.UTF_8).address();
            return (int) UNLINK.invokeExact(state.segment, address);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** A second descriptor (close-on-exec) of the same socket, or -1. */
    public static int duplicate(CallState state, int fd) {
        try {
            return (int) FCNTL.invokeExact(state.segment, fd, F_DUPFD_CLOEXEC, 0);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }
}
