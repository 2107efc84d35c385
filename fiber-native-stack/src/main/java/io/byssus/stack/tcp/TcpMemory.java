package io.byssus.stack.tcp;

import io.byssus.runtime.memory.BufferPool;
import java.util.ArrayDeque;

/**
 * What all connections of a stack hold together, and how what the {@link MemoryBudget} leaves is
 * shared among those that receive and the applications that write. He who writes and finds nothing
 * left waits, and is told when there is some again. What arrives and finds nothing left is dropped,
 * and the peer sends it again.
 *
 * <p><b>Ownership:</b> one per stack, confined to its shard.
 */
final class TcpMemory {
    /** Connections that learn at a time that there is memory again. */
    private static final int FED_AT_A_TIME = 16;

    /** A new connection's window and queue, by capacity. */
    private static final int RECEIVE_BYTES_INITIAL = 128 << 10;

    private static final int RECEIVE_BYTES_INITIAL_SCARCE = 2 * MemoryBudget.CONNECTION_MIN;

    private final MemoryBudget budget;

    /** Which others use too. */
    private final BufferPool pool;

    private final TcpCounters counters;
    private final MemoryReclaim reclaim;

    /** In the order in which they asked; some may be over. */
    private final ArrayDeque<TcpConnection> starved = new ArrayDeque<>();

    TcpMemory(long bytesMax, BufferPool pool, TcpCounters counters) {
        this.pool = pool;
        this.budget = new MemoryBudget(bytesMax);
        this.counters = counters;
        this.reclaim = new MemoryReclaim(this, counters);
    }

    /** Whether nothing may grow. */
    boolean isScarce() {
        return budget.level() != MemoryBudget.Level.NONE;
    }

    /** Whether connections that get nowhere are to be given up for the memory they hold. */
    boolean isCritical() {
        return budget.level() == MemoryBudget.Level.CRITICAL;
    }

    /** Bytes to be given back until it is not critical any more. */
    long excess() {
        return budget.excess();
    }

    /** The memory that a new connection may use to receive, until it shows that it needs more. */
    int receiveBytesInitial() {
        return isScarce() ? RECEIVE_BYTES_INITIAL_SCARCE : RECEIVE_BYTES_INITIAL;
    }

    /** Takes note of what a connection holds now. */
    void charge(TcpConnection connection) {
        reclaim.note(connection);
        int charged = connection.measure();
        if (charged == connection.charged) {
            return;
        }
        budget.change(connection.charged, charged);
        connection.charged = charged;
        counters.memoryBytes = budget.charged();
        counters.memoryBytesHighest = budget.chargedHighest();
        counters.memoryPressures = budget.pressures();
    }

    /** As {@link #charge}, of a connection that leaves the stack. */
    void forget(TcpConnection connection) {
        charge(connection);
        reclaim.forget(connection);
    }

    /** The connection is idle: what is kept of it here, it can do without. */
    void trim(TcpConnection connection) {
        reclaim.trim(connection);
    }

    /** After anything that has changed a connection; if memory is critical, some is taken back. */
    void settle(long now, TcpConnection connection) {
        charge(connection);
        if (isCritical()) {
            reclaim.run(now);
        }
    }

    /**
     * Whether {@code count} bytes may be received that arrived in order, in a frame of {@code
     * capacity}. They come before those that wait behind a gap, which are dropped if that helps.
     */
    boolean admitsInOrder(TcpConnection connection, int count, int capacity) {
        if (pool.isShort()) {
            return false; // the frame is the shard's reserve, and must come back
        }
        int cost = connection.receiveQueue.cost(count, capacity);
        if (connection.reassembly.isEmpty()) {
            return budget.admits(connection.charged, cost, 0);
        }
        if (budget.admits(connection.charged, cost, ReceivedPayload.spare(capacity))) {
            return true;
        }
        reclaim.prune(connection, connection.reassembly.charged());
        return budget.admits(connection.charged, cost, 0);
    }

    /** Bytes that a connection may keep in use out of order. */
    int outOfOrderMax(TcpConnection connection) {
        long room = pool.isShort() ? 0 : Math.max(0, budget.room(connection.charged));
        long max = connection.reassembly.charged() + room;
        return (int) Math.min(max, connection.settings.receiveBytesMax());
    }

    /**
     * Ends a connection that holds memory, and its peer does nothing to change that: if nobody
     * waits for it as soon as memory is scarce, else when it is critical.
     *
     * @return whether it has
     */
    boolean giveUp(TcpConnection connection) {
        boolean may = isCritical() || (connection.orphaned && isScarce());
        if (!may || !MemoryReclaim.isStalled(connection)) {
            return false;
        }
        reclaim.giveUp(connection);
        return true;
    }

    /** How much of {@code space} bytes a connection may queue; from 0 on it waits here. */
    int room(TcpConnection connection, int space) {
        long room = Math.min(SendQueue.lengthFor(budget.left()), budget.room(connection.charged));
        if (room <= 0 && !connection.starved) {
            connection.starved = true;
            if (starved.size() > 2 * counters.connections) {
                starved.removeIf(other -> !other.canSend());
            }
            starved.add(connection);
        }
        return Math.clamp(room, 0, space);
    }

    /** Memory may have been given back. Not all learn at once: each that sends is a next chance. */
    void feed() {
        for (int i = 0; i < FED_AT_A_TIME && !starved.isEmpty() && !isCritical(); i++) {
            TcpConnection connection = starved.poll();
            connection.starved = false;
            if (connection.canSend()) {
                connection.events |= TcpEvents.WRITABLE;
                connection.tellUser();
            }
        }
    }
}
