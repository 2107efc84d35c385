package io.byssus.benchmarks.load;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The kernel's network namespaces, as {@code ip netns} makes and names them.
 *
 * <p><b>Ownership:</b> stateless, any thread.
 */
public final class NetworkNamespaces {
    private static final String DIRECTORY = "/run/netns/";
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    private static final MethodHandle OPEN =
            CLibrary.withErrno("open", CLibrary.INT, CLibrary.POINTER, CLibrary.INT);
    private static final MethodHandle SETNS =
            CLibrary.withErrno("setns", CLibrary.INT, CLibrary.INT, CLibrary.INT);
    private static final MethodHandle CLOSE =
            CLibrary.function("close", CLibrary.INT, CLibrary.INT);

    private NetworkNamespaces() {}

    /**
     * Moves the calling platform thread there: its sockets and devices will be of that namespace,
     * and stay so wherever they are used.
     *
     * @throws IOException if there is none of that name, or not for this user
     */
    public static void enter(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CLibrary.errnoState(arena);
            MemorySegment path = arena.allocateFrom(DIRECTORY + name);
            int descriptor = (int) OPEN.invokeExact(state, path, O_CLOEXEC);
            if (descriptor < 0) {
                throw new IOException("open " + DIRECTORY + name + failure(state));
            }
            int result = (int) SETNS.invokeExact(state, descriptor, CLONE_NEWNET);
            String failure = failure(state);
            int ignored = (int) CLOSE.invokeExact(descriptor);
            if (result != 0) {
                throw new IOException("setns " + name + failure);
            }
        } catch (IOException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    private static String failure(MemorySegment state) {
        return ": errno=" + CLibrary.errno(state);
    }
}
