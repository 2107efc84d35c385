package io.byssus.net.spi;

import io.byssus.net.Addresses;
import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.reactor.Reactor;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where a fiber waits for a peer. Dumps and messages say what for, and whose address it is: {@code
 * read (192.0.2.1:40112)}. Only the peer can end such a wait, so nobody in this process holds it.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #toString} and {@link #holders}.
 */
public class PeerWait extends WaitPoint implements Awaited {
    private final InetSocketAddress address;

    /** Of the last wait; a constant. Others may read it late. */
    private String operation = "";

    /**
     * @param address the peer's, or for a listener its own
     */
    public PeerWait(InetSocketAddress address) {
        this.address = address;
    }

    /** As it was given. */
    public final InetSocketAddress address() {
        return address;
    }

    /**
     * Parks until {@link #signal}, or until one of the limits; see {@link #await(Reactor, long,
     * long, Cancellation, Object)}.
     *
     * @param operation for messages and dumps
     * @throws FiberCancelledException if the fiber is cancelled, and heeds it
     * @throws IllegalStateException if another fiber waits here
     */
    public final Outcome awaitPeer(
            Reactor reactor,
            long timeoutNanos,
            long deadlineNanos,
            Cancellation cancellation,
            String operation) {
        this.operation = operation;
        return await(reactor, timeoutNanos, deadlineNanos, cancellation, this);
    }

    @Override
    public final List<Thread> holders() {
        return List.of();
    }

    @Override
    public final String toString() {
        return operation + " (" + Addresses.format(address) + ")";
    }
}
