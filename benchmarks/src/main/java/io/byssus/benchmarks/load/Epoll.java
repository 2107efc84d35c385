package io.byssus.benchmarks.load;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/**
 * An edge-triggered epoll instance whose event data is a connection's index.
 *
 * <pre>{@code
 * struct epoll_event { uint32_t events; epoll_data_t data; };   // packed, 12 bytes, on x86-64 only
 * }</pre>
 *
 * <p>Edge-triggered, because then a connection costs one {@code epoll_ctl} in its whole life.
 *
 * <p><b>Ownership:</b> one thread.
 */
final class Epoll {
    private static final int EPOLLIN = 0x1;
    private static final int EPOLLOUT = 0x4;
    private static final int EPOLLRDHUP = 0x2000;
    private static final int EPOLLET = 1 << 31;
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;

    private static final StructLayout EVENT =
            System.getProperty("os.arch").equals("amd64")
                    ? MemoryLayout.structLayout(
                            JAVA_INT.withName("events"),
                            JAVA_INT.withName("index"),
                            JAVA_INT.withName("unused"))
                    : MemoryLayout.structLayout(
                            JAVA_INT.withName("events"),
                            MemoryLayout.paddingLayout(Integer.BYTES),
                            JAVA_INT.withName("index"),
                            JAVA_INT.withName("unused"));
    private static final long EVENT_BYTES = EVENT.byteSize();
    private static final long EVENTS = EVENT.byteOffset(PathElement.groupElement("events"));
    private static final long INDEX = EVENT.byteOffset(PathElement.groupElement("index"));

    private static final MethodHandle EPOLL_CREATE1 =
            CLibrary.function("epoll_create1", CLibrary.INT, CLibrary.INT);
    private static final MethodHandle EPOLL_CTL =
            CLibrary.function(
                    "epoll_ctl",
                    CLibrary.INT,
                    CLibrary.INT,
                    CLibrary.INT,
                    CLibrary.INT,
                    CLibrary.POINTER);
    private static final MethodHandle EPOLL_WAIT =
            CLibrary.function(
                    "epoll_wait",
                    CLibrary.INT,
                    CLibrary.INT,
                    CLibrary.POINTER,
                    CLibrary.INT,
                    CLibrary.INT);

    private final int descriptor;
    private final int eventsMax;
    private final MemorySegment events;
    private final MemorySegment request;

    Epoll(Arena arena, int eventsMax) throws IOException {
        this.eventsMax = eventsMax;
        this.events = arena.allocate(EVENT_BYTES * eventsMax, Long.BYTES);
        this.request = arena.allocate(EVENT);
        try {
            this.descriptor = (int) EPOLL_CREATE1.invokeExact(EPOLL_CLOEXEC);
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
        if (descriptor < 0) {
            throw new IOException("epoll_create1 failed");
        }
    }

    /** Watches a socket for both directions for the rest of its life. */
    void add(int socket, int index) throws IOException {
        request.set(JAVA_INT, EVENTS, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
        request.set(JAVA_INT, INDEX, index);
        try {
            if ((int) EPOLL_CTL.invokeExact(descriptor, EPOLL_CTL_ADD, socket, request) != 0) {
                throw new IOException("epoll_ctl failed");
            }
        } catch (IOException failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    /**
     * Polls.
     *
     * @param timeoutMillis 0 does not wait
     * @return how many events there are, 0 also when a signal cut the wait short
     */
    int poll(int timeoutMillis) {
        try {
            int count = (int) EPOLL_WAIT.invokeExact(descriptor, events, eventsMax, timeoutMillis);
            return Math.max(count, 0);
        } catch (Throwable impossible) {
            throw CLibrary.notThrown(impossible);
        }
    }

    /** The connection's index of one of the events that the last {@link #poll} found. */
    int indexOf(int event) {
        return events.get(JAVA_INT, event * EVENT_BYTES + INDEX);
    }
}
