package io.byssus.stack.tcp;

import java.util.concurrent.TimeUnit;

/**
 * Takes memory back when it is critical, where that does least harm:
 *
 * <ol>
 *   <li>What waits out of order is dropped, from the highest number on, of the connection first
 *       whose gap is oldest: an honest peer fills its gaps in a round trip or two. It was never
 *       acknowledged, so the peer sends it again, whatever SACK has told it (RFC 2018, 8).
 *   <li>Connections are given up whose peers hold back what is to be sent to them: a window that
 *       stays closed, or so small that at its pace the text would leave in a minute or later. A
 *       peer may do so for ever (MUST-37), as long as nobody else suffers from it (RFC 6429).
 * </ol>
 *
 * <p>The gaps are always known. Paces are measured only from the time on when memory is critical,
 * so that they cost nothing else: writers that were not looked at yet are at the front of their
 * list, then come those that were, in the order of that. Each step of work takes something away, or
 * is the only one of its kind in {@link #PACE_NANOS}.
 *
 * <p><b>Ownership:</b> one per stack, confined to its shard.
 */
final class MemoryReclaim {
    /** How long a peer's pace is measured. */
    static final long PACE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What is queued must be able to leave in that time. */
    private static final long LEAVING_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Probes of a closed window that show that it stays so. */
    private static final int PROBES_MIN = 3;

    /** Writers that are looked at in a row. */
    private static final int LOOKED_AT_MAX = 16;

    /** A connection's place among those with text to send. */
    static final class Writer extends ConnectionList.Place {
        /** Since when the peer's pace is measured, and how much it had acknowledged then. */
        private long since = ConnectionTimers.NONE;

        private long acknowledged;

        private Writer(TcpConnection connection) {
            super(connection);
        }

        private boolean isMeasured() {
            return since != ConnectionTimers.NONE;
        }

        private void measure(long now) {
            since = now;
            acknowledged = connection.sendQueue.acknowledged();
        }
    }

    private final TcpMemory memory;
    private final TcpCounters counters;

    /** Connections with text out of order, the oldest gap first. */
    private final ConnectionList gapped = new ConnectionList();

    /** Connections with text to send; some have none any more. */
    private final ConnectionList writers = new ConnectionList();

    MemoryReclaim(TcpMemory memory, TcpCounters counters) {
        this.memory = memory;
        this.counters = counters;
    }

    /** What a connection holds may have changed. */
    void note(TcpConnection connection) {
        noteGap(connection);
        Writer writer = connection.writing;
        if (connection.sendQueue.isEmpty()) {
            if (writer != null && writer.isMeasured()) {
                forget(writer);
            }
            return;
        }
        if (writer == null) {
            writer = new Writer(connection);
            connection.writing = writer;
        }
        if (!writer.isTaken()) {
            writers.addFirst(writer);
        }
    }

    private void forget(Writer writer) {
        writers.remove(writer);
        writer.since = ConnectionTimers.NONE;
    }

    private void noteGap(TcpConnection connection) {
        boolean known = connection.gapped != null && connection.gapped.isTaken();
        boolean hasGap = !connection.reassembly.isEmpty();
        if (hasGap == known) {
            return;
        }
        if (known) {
            gapped.remove(connection.gapped);
            return;
        }
        if (connection.gapped == null) {
            connection.gapped = new ConnectionList.Place(connection);
        }
        gapped.addLast(connection.gapped);
    }

    /** The connection holds nothing any more but what was received. */
    void forget(TcpConnection connection) {
        if (connection.gapped != null) {
            gapped.remove(connection.gapped);
        }
        if (connection.writing != null) {
            forget(connection.writing);
        }
    }

    /** The connection holds nothing, and has not for some time. */
    void trim(TcpConnection connection) {
        if (connection.gapped != null && !connection.gapped.isTaken()) {
            connection.gapped = null;
        }
        if (connection.writing != null && connection.sendQueue.isEmpty()) {
            forget(connection.writing);
            connection.writing = null;
        }
    }

    /** Takes back what can be had at once, as long as memory is critical. */
    void run(long now) {
        while (memory.isCritical() && !gapped.isEmpty()) {
            prune(gapped.first(), memory.excess());
        }
        for (int i = 0; i < LOOKED_AT_MAX && memory.isCritical() && isOneDue(now); i++) {
            look(now, writers.first());
        }
    }

    /** Drops text that waits out of order, until {@code excess} bytes of memory are given back. */
    void prune(TcpConnection connection, long excess) {
        int held = connection.reassembly.charged();
        int nodes = connection.reassembly.nodes();
        connection.reassembly.prune((int) Math.max(0, held - excess));
        assert connection.reassembly.nodes() < nodes;
        counters.pruneCalled++;
        counters.outOfOrderPruned += nodes - connection.reassembly.nodes();
        memory.charge(connection);
    }

    /** Whether a peer shows by its answers to probes that it takes nothing. */
    static boolean isStalled(TcpConnection connection) {
        return connection.probe.count() >= PROBES_MIN;
    }

    /** Ends a connection for what it holds. */
    void giveUp(TcpConnection connection) {
        counters.abortsOnMemory++;
        connection.end(TcpFailure.TIMED_OUT);
    }

    private boolean isOneDue(long now) {
        if (writers.isEmpty()) {
            return false;
        }
        Writer first = writers.first().writing;
        return !first.isMeasured() || now - first.since >= PACE_NANOS;
    }

    private void look(long now, TcpConnection connection) {
        Writer writer = connection.writing;
        if (connection.sendQueue.isEmpty()) {
            forget(writer);
        } else if (isStalled(connection) || (writer.isMeasured() && isSlow(now, writer))) {
            giveUp(connection);
            connection.tellUser();
        } else {
            writers.remove(writer);
            writer.measure(now);
            writers.addLast(writer);
        }
    }

    /** Whether it is the peer's window, and not the path, that lets so little through. */
    private static boolean isSlow(long now, Writer writer) {
        TcpConnection connection = writer.connection;
        int queued = connection.sendQueue.length();
        int window = connection.send.window();
        if (window >= queued || window > connection.congestion.window()) {
            return false;
        }
        double taken = connection.sendQueue.acknowledged() - writer.acknowledged;
        return taken * LEAVING_NANOS < (double) queued * (now - writer.since);
    }
}
