package io.byssus.stack.tcp;

import java.util.ArrayDeque;

/**
 * What all connections of a stack hold together, and how what the {@link MemoryBudget} leaves is
 * shared among those that receive and the applications that write. He who writes and finds nothing
 * left waits, and is told when there is some again.
 *
 * <p><b>Ownership:</b> one per stack, confined to its shard.
 */
final class TcpMemory {
    /** Connections that learn at a time that there is memory again. */
    private static final int FED_AT_A_TIME = 16;

    private final MemoryBudget budget;
    private final TcpCounters counters;

    /** In the order in which they asked; some may be over. */
    private final ArrayDeque<TcpConnection> starved = new ArrayDeque<>();

    TcpMemory(long bytesMax, TcpCounters counters) {
        this.budget = new MemoryBudget(bytesMax);
        this.counters = counters;
    }

    /** Whether nothing may grow. */
    boolean isScarce() {
        return budget.level() != MemoryBudget.Level.NONE;
    }

    /** Whether connections that get nowhere are to be given up for the memory they hold. */
    boolean isCritical() {
        return budget.level() == MemoryBudget.Level.CRITICAL;
    }

    /** Takes note of what a connection holds now. */
    void charge(TcpConnection connection) {
        int charged = connection.measure();
        if (charged == connection.charged) {
            return;
        }
        budget.change(connection.charged, charged);
        connection.charged = charged;
        counters.memoryBytes = budget.charged();
        counters.memoryBytesHighest = budget.chargedHighest();
    }

    /** Whether a connection may take {@code bytes} more memory for text. */
    boolean admits(TcpConnection connection, int bytes) {
        return budget.admits(connection.charged, bytes);
    }

    /** How much of {@code space} bytes a connection may queue; from 0 on it waits here. */
    int room(TcpConnection connection, int space) {
        long room = budget.room(connection.charged);
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
