package io.byssus.net;

import io.byssus.net.spi.PeerWait;
import io.byssus.net.spi.StackListener;
import io.byssus.net.spi.StackSocket;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.WaitPoint;
import io.byssus.runtime.log.LogLimit;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.memory.BufferMemoryException;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;

/**
 * Accepts connections whose first bytes are a {@link ProxyProtocol} header: a fiber takes them from
 * the stack, one more for each reads its header, and those that are in order wait here for {@link
 * Listener#accept}. So none waits for another.
 *
 * <p>Bounded by the backlog, both what waits for a header, where the oldest makes room, and what
 * waits to be accepted, where the next are left with the stack.
 *
 * <p><b>Ownership:</b> confined to its shard; one fiber accepts.
 */
final class ProxyAcceptor {
    private static final long LOG_INTERVAL_NANOS = 10_000_000_000L;

    private final StackListener stack;
    private final SocketSettings settings;
    private final ProxyProtocol protocol;
    private final int capacity;
    private final Reactor reactor = Reactor.current();
    private final LogLimit logLimit = new LogLimit(LOG_INTERVAL_NANOS);

    /** Without their headers, the oldest first. */
    private final LinkedHashSet<Connection> silent = new LinkedHashSet<>();

    private final ArrayDeque<Connection> ready = new ArrayDeque<>();

    /** Where {@link #accept} waits for a connection, and the stack's fiber for room. */
    private final PeerWait taker;

    private final WaitPoint room = new WaitPoint();
    private boolean started;
    private boolean closed;

    /** Why the stack gives no more connections; null while it does. */
    private Exception ending;

    private long accepted;
    private long malformed;
    private long late;
    private long untrusted;
    private long pruned;
    private long ended;

    ProxyAcceptor(StackListener stack, ListenOptions options, ProxyProtocol protocol) {
        this.stack = stack;
        this.taker = new PeerWait(stack.localAddress());
        this.settings = options.settings();
        this.protocol = protocol;
        this.capacity = options.backlog();
    }

    /** As {@link Listener#accept(Deadline)}. */
    Connection accept(long deadlineNanos) throws IOException {
        if (!started) {
            started = true;
            Fiber.start("proxy protocol", this::takeFromStack);
        }
        while (ready.isEmpty()) {
            if (closed) {
                throw new ClosedChannelException();
            }
            if (ending != null && silent.isEmpty()) {
                throw ended();
            }
            WaitPoint.Outcome outcome =
                    taker.awaitPeer(
                            reactor, 0, deadlineNanos, WaitPoint.Cancellation.HEEDED, "accept");
            if (closed) {
                throw new ConnectionClosedException();
            }
            if (outcome == WaitPoint.Outcome.TIMED_OUT && ready.isEmpty()) {
                throw new SocketTimeoutException(
                        "accept: timed out: " + Addresses.format(stack.localAddress()));
            }
        }
        room.signal();
        return ready.poll();
    }

    /** The listener is closed: nobody will take what waits. */
    void close() {
        closed = true;
        silent.forEach(Connection::reset);
        silent.clear();
        ready.forEach(Connection::reset);
        ready.clear();
        taker.signal();
        room.signal();
    }

    ProxyProtocolCounts counts() {
        return new ProxyProtocolCounts(accepted, malformed, late, untrusted, pruned, ended);
    }

    private void takeFromStack() {
        try {
            while (!closed) {
                if (ready.size() >= capacity) {
                    room.await("room for a connection");
                } else {
                    begin(stack.accept(Deadline.NONE.nanos()));
                }
            }
        } catch (IOException | FiberCancelledException e) {
            ending = e; // told to who accepts
        } finally {
            taker.signal();
        }
    }

    private void begin(StackSocket socket) {
        Connection connection = new Connection(socket, settings);
        if (closed) { // while the stack's fiber let others run
            connection.reset();
            return;
        }
        if (!protocol.trusts(socket.remoteAddress().getAddress())) {
            if (protocol.directClients()) {
                offer(connection);
            } else {
                untrusted++;
                refuse(connection, "its peer is not trusted");
            }
            return;
        }
        if (silent.size() >= capacity) {
            Iterator<Connection> oldest = silent.iterator();
            Connection dropped = oldest.next();
            oldest.remove();
            pruned++;
            refuse(dropped, "more than " + capacity + " are silent");
        }
        silent.add(connection);
        Fiber.start("proxy header", () -> readHeader(connection));
    }

    /** The connection's own fiber. */
    private void readHeader(Connection connection) {
        boolean inOrder = false;
        try {
            ConnectionInput input = connection.input();
            input.deadline(Deadline.after(protocol.headerTimeout()));
            Optional<ProxyHeader> header = ProxyHeaderReader.read(input);
            input.deadline(Deadline.NONE);
            if (header.isPresent()) {
                connection.proxied(header.get());
                inOrder = true;
            } else {
                ended++;
            }
        } catch (MalformedProxyHeaderException e) {
            malformed++;
            log(connection, "its header is malformed: " + e.getMessage());
        } catch (SocketTimeoutException e) {
            late++;
            log(connection, "its header did not come in " + protocol.headerTimeout());
        } catch (ConnectionClosedException e) {
            // Pruned, or the listener was closed: whoever did it has counted it.
            assert !silent.contains(connection) : connection;
        } catch (IOException | BufferMemoryException e) {
            ended++;
        } finally {
            if (silent.remove(connection) && inOrder) {
                accepted++;
                offer(connection);
            } else {
                connection.reset();
                taker.signal(); // it may be the last that an ending listener waits for
            }
        }
    }

    private void offer(Connection connection) {
        ready.add(connection);
        taker.signal();
    }

    private void refuse(Connection connection, String why) {
        log(connection, why);
        connection.reset();
    }

    private void log(Connection connection, String why) {
        long held = logLimit.tryAcquire(reactor.clock().nanoTime());
        if (held >= 0) {
            ShardLog.warning(
                    "listener "
                            + Addresses.format(stack.localAddress())
                            + ": PROXY protocol: resetting the connection from "
                            + Addresses.format(connection.remoteAddress())
                            + ": "
                            + why
                            + (held > 0 ? " (" + held + " others since the last message)" : ""));
        }
    }

    private IOException ended() {
        if (ending instanceof IOException e) {
            return e;
        }
        throw new FiberCancelledException(ending.getMessage());
    }
}
