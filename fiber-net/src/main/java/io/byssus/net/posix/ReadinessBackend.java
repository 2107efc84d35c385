package io.byssus.net.posix;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.MessageHeader;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorBackend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * A backend that tells of each descriptor whether it is ready, and what both kinds of it share: the
 * table of handles, and room for the arguments of system calls. A JVM that runs one kind alone
 * loads one alone, so that no call of it is a virtual one.
 *
 * <p>What the kernel tells carries the slot of a handle and the slot's generation, not the
 * descriptor: what it tells of a descriptor that was closed meanwhile, and whose number is used
 * again, finds a newer generation and is dropped.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #wake}.
 */
abstract class ReadinessBackend implements ReactorBackend {
    /** Buffers of one gathering send. */
    static final int SLICES_MAX = 16;

    /** What a stream is registered for. */
    static final int STREAM_INTEREST =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLET;

    private static final int SLOTS_INITIAL = 64;

    final CallState state = new CallState();
    final Arena arena = Arena.ofShared();
    private final long messageHeader =
            arena.allocate(MessageHeader.bytes(SLICES_MAX), Long.BYTES).address();

    private final PipePool pipes = new PipePool(state);

    ReadinessHandle[] handles = new ReadinessHandle[SLOTS_INITIAL];

    /** Increased each time a slot is given back. */
    int[] generations = new int[SLOTS_INITIAL];

    /** Slots that were given back. */
    private int[] freeSlots = new int[SLOTS_INITIAL];

    private int freeCount;
    private int slotsUsed;

    /** Where this shard's calls leave their errno. */
    final CallState callState() {
        return state;
    }

    /** For relays between this shard's sockets. */
    final PipePool pipes() {
        return pipes;
    }

    /** Room for the header of one gathering send of {@link #SLICES_MAX} buffers. */
    final long messageHeader() {
        return messageHeader;
    }

    /**
     * Begins to report the readiness of {@code handle}'s descriptor, its present readiness
     * included.
     *
     * @throws IOException if the kernel's limit of watches is reached
     */
    abstract void register(ReadinessHandle handle) throws IOException;

    /**
     * Tells the kernel that {@code handle}'s interest has changed; it reports anew what is ready.
     */
    abstract void modify(ReadinessHandle handle);

    /**
     * Forgets {@code handle}, whose descriptor the caller closes next; nothing of the kernel's
     * holds it open then.
     */
    abstract void deregister(ReadinessHandle handle);

    /** A connected socket; as {@link PosixSocket}'s constructor. */
    abstract PosixSocket newSocket(
            Reactor reactor, int fd, int readiness, InetSocketAddress peer, PosixListener listener);

    /** The handle of a listening socket. */
    abstract AcceptHandle newAcceptHandle(Reactor reactor, int fd, InetSocketAddress bound);

    /** Loads what a connection's first bytes need of this kind; see {@link HotClasses}. */
    void loadClasses() {}

    /** Gives back what is the shard's, as the network of the shard ends. On the shard. */
    void retire() {}

    /** What the kernel is to say when it tells something of slot {@code slot}. */
    final long data(int slot) {
        return (long) generations[slot] << Integer.SIZE | slot;
    }

    final int takeSlot() {
        if (freeCount > 0) {
            return freeSlots[--freeCount];
        }
        if (slotsUsed == handles.length) {
            grow(handles.length * 2);
        }
        return slotsUsed++;
    }

    void grow(int capacity) {
        handles = Arrays.copyOf(handles, capacity);
        generations = Arrays.copyOf(generations, capacity);
        freeSlots = Arrays.copyOf(freeSlots, capacity);
    }

    final void giveBackSlot(int slot) {
        handles[slot] = null;
        generations[slot]++;
        freeSlots[freeCount++] = slot;
    }
}
