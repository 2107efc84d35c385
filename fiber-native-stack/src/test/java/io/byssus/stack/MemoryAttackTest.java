package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpCounters;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attacks 7 and 12: many peers that together want all memory there is. What is charged never
 * exceeds the budget, honest connections go on, what is dropped is counted, and in the end all
 * memory is given back (which {@link AttackedHost#close} looks after).
 */
class MemoryAttackTest {
    private static final int HONEST = Ipv4Address.parse("10.0.0.2");
    private static final int ATTACKERS = 20 << 24;
    private static final int BUDGET = 4 << 20;
    private static final int TEXT = 1000;

    /** Another client's memory that is not given back: nobody reads. */
    private static final int UNREAD = Ipv4Address.parse("10.0.0.3");

    private final long seed = Seeds.next("MemoryAttackTest");
    private final SplittableRandom random = new SplittableRandom(seed);

    private AttackedHost host() {
        return new AttackedHost(seed, limits(BUDGET), BufferPool.Mode.RECYCLING);
    }

    private static TcpLimits limits(long memoryBytesMax) {
        TcpLimits defaults = TcpLimits.DEFAULTS;
        return new TcpLimits(
                defaults.connectionsMax(),
                defaults.halfOpenMax(),
                defaults.timeWaitMax(),
                memoryBytesMax,
                defaults.blackHoleTimeouts(),
                defaults.congestion());
    }

    private RawPeer attacker(AttackedHost host, int number) {
        return new RawPeer(host, ATTACKERS + number, 5000, random.nextInt());
    }

    private RawPeer honest(AttackedHost host) {
        return new RawPeer(host, HONEST, 5000, random.nextInt());
    }

    private static void assertWithinBudget(AttackedHost host) {
        TcpCounters counters = host.tcp().counters();
        assertThat(counters.memoryBytesHighest).isLessThanOrEqualTo(BUDGET);
        assertThat(counters.memoryBytes).isBetween(0L, counters.memoryBytesHighest);
    }

    private static byte[] text(int from, int length) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) (from + i);
        }
        return text;
    }

    /** Reads what there is, which must go on from {@code from}; answers how far that was. */
    private static int read(TcpConnection connection, int from) {
        int read = from;
        for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
            for (int i = 0; i < text.length(); i++) {
                assertThat(text.get(i)).isEqualTo((byte) read++);
            }
            text.close();
        }
        return read;
    }

    /**
     * The honest peer sends a numbered stream in order; each third segment gets lost the first
     * time, so that those behind it wait. What is not acknowledged is sent again, once a second.
     */
    private static final class Stream {
        private final AttackedHost host;
        private final RawPeer peer;
        private final TcpConnection connection;
        private final int origin;
        private int read;

        Stream(AttackedHost host, RawPeer peer, TcpConnection connection) {
            this.host = host;
            this.peer = peer;
            this.connection = connection;
            this.origin = peer.next;
        }

        private void send(int offset) {
            host.deliver(
                    peer.segment(TcpHeader.ACK).sequence(origin + offset).text(text(offset, TEXT)));
        }

        /** Three more segments, of which the first one comes last. */
        void advance() {
            int from = read;
            send(from + TEXT);
            send(from + 2 * TEXT);
            send(from);
            read = MemoryAttackTest.read(connection, read);
            for (int tries = 0; read < from + 3 * TEXT; tries++) {
                assertThat(tries).as("tries for %d", read).isLessThan(10);
                host.pass(TimeUnit.SECONDS.toNanos(1));
                send(read);
                read = MemoryAttackTest.read(connection, read);
            }
            assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
        }
    }

    @Test
    void reassemblyQueuesAreEmptiedBeforeAnybodyElseSuffers() throws IOException {
        try (AttackedHost host = host()) {
            TcpListener listener = host.listen(1);
            RawPeer honest = honest(host);
            TcpConnection connection = honest.connect(listener);
            Stream stream = new Stream(host, honest, connection);
            int peers = 2000;
            int gaps = 8;
            List<TcpConnection> attacked = new ArrayList<>();
            for (int i = 0; i < peers; i++) {
                RawPeer attacker = attacker(host, i);
                attacked.add(attacker.connect(listener));
                for (int gap = 1; gap <= gaps; gap++) {
                    host.deliver(
                            attacker.segment(TcpHeader.ACK)
                                    .sequence(attacker.next + gap * (TEXT + 1))
                                    .text(text(gap, TEXT)));
                }
                if (i % 20 == 0) {
                    stream.advance();
                }
                assertWithinBudget(host);
                host.sent.clear();
            }
            TcpCounters counters = host.tcp().counters();
            assertThat(counters.memoryPressures).isEqualTo(1);
            long pruned = counters.outOfOrderPruned;
            assertThat(pruned + counters.outOfOrderDropped)
                    .as("what was sent and is not there")
                    .isGreaterThan((long) peers * gaps - BUDGET / TEXT);
            assertThat(counters.pruneCalled).isBetween(1L, pruned);
            assertThat(counters.outOfMemory).as("segments in order dropped").isZero();
            assertThat(attacked).allMatch(c -> c.state() == TcpState.ESTABLISHED);
            assertThat(stream.read).isEqualTo(peers / 20 * 3 * TEXT);
        }
    }

    /** They take a little each time: a byte, or what the smallest segments are. */
    @ParameterizedTest
    @ValueSource(ints = {1, 48})
    void tricklingReadersDoNotKeepWhatOthersNeed(int window) throws IOException {
        try (AttackedHost host = host()) {
            TcpListener listener = host.listen(1);
            List<RawPeer> peers = new ArrayList<>();
            List<TcpConnection> trickling = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                RawPeer peer =
                        attacker(host, i)
                                .synOptions((byte) 2, (byte) 4, (byte) 0, (byte) 48)
                                .window(window);
                peers.add(peer);
                trickling.add(peer.connect(listener));
                write(host, trickling.getLast());
            }
            host.settle();
            assertThat(host.tcp().counters().memoryBytes).isGreaterThan(BUDGET / 16 * 15);
            RawPeer honest = honest(host);
            TcpConnection connection = honest.connect(listener);
            for (int round = 0; round < 20; round++) {
                host.pass(TimeUnit.MILLISECONDS.toNanos(500));
                trickle(host, peers);
                for (TcpConnection writer : trickling) {
                    write(host, writer); // as much as it may
                }
                assertWithinBudget(host);
            }
            TcpCounters counters = host.tcp().counters();
            assertThat(counters.abortsOnMemory).isPositive();
            assertThat(trickling)
                    .filteredOn(c -> c.state() == TcpState.CLOSED)
                    .hasSize((int) counters.abortsOnMemory)
                    .allMatch(c -> c.failure() == TcpFailure.TIMED_OUT);
            honest.assertServed(connection, 100_000);
            assertWithinBudget(host);
        }
    }

    /** Each acknowledges what came in order since the last time. */
    private static void trickle(AttackedHost host, List<RawPeer> peers) {
        for (SentSegment segment : host.takeSent()) {
            int number = segment.destination() - ATTACKERS;
            if (number >= 0
                    && number < peers.size()
                    && segment.sequence() == peers.get(number).expected) {
                RawPeer peer = peers.get(number);
                peer.expected = segment.end();
                host.put(peer.segment(TcpHeader.ACK));
            }
        }
        host.settle();
    }

    /** What an application does that has much to say. */
    private static void write(AttackedHost host, TcpConnection connection) {
        while (connection.canSend() && connection.sendSpace() > 0) {
            connection.send(host.pool.allocate(Math.min(connection.sendSpace(), 1 << 16)));
        }
    }

    /** Nobody waits for them, so that they are given up earlier than others. */
    @Test
    @Tag("MUST-37")
    void stalledOrphansAreGivenUpBeforeOthers() throws IOException {
        try (AttackedHost host = host()) {
            TcpListener listener = host.listen(1);
            List<RawPeer> peers = new ArrayList<>();
            List<TcpConnection> orphans = new ArrayList<>();
            List<TcpConnection> waiting = new ArrayList<>();
            for (int i = 0; host.tcp().counters().memoryBytes < BUDGET / 16 * 13; i++) {
                RawPeer peer = attacker(host, i).window(0);
                peers.add(peer);
                TcpConnection connection = peer.connect(listener);
                connection.send(host.pool.allocate(1 << 14));
                if (i % 2 == 0) {
                    connection.close();
                    orphans.add(connection);
                } else {
                    waiting.add(connection);
                }
            }
            for (int round = 0; round < 20; round++) {
                host.pass(TimeUnit.MILLISECONDS.toNanos(500));
                trickle(host, peers);
            }
            // So many that memory is scarce no more, in the order in which their timers fire.
            assertThat(host.tcp().counters().abortsOnMemory).isPositive();
            assertThat(orphans)
                    .filteredOn(c -> c.state() == TcpState.CLOSED)
                    .hasSize((int) host.tcp().counters().abortsOnMemory);
            assertThat(waiting).allMatch(c -> c.state() == TcpState.ESTABLISHED);
            assertThat(host.tcp().counters().memoryBytes).isLessThan(BUDGET / 16 * 12);
            assertWithinBudget(host);
        }
    }

    @Test
    void aFloodOfHalfOpenConnectionsIsGoneInASecondWhenMemoryIsCritical() throws IOException {
        try (AttackedHost host = host()) {
            TcpListener listener = host.listen(1);
            RawPeer early = honest(host);
            TcpConnection idle = early.connect(listener);
            for (int i = 0; i < 500; i++) {
                host.deliver(attacker(host, i).segment(TcpHeader.SYN).acknowledgment(0));
            }
            assertThat(listener.halfOpenCount()).isEqualTo(500);
            takeUnread(host, listener);
            for (int i = 500; i < 5000; i++) {
                host.deliver(attacker(host, i).segment(TcpHeader.SYN).acknowledgment(0));
            }
            assertThat(listener.halfOpenCount()).isEqualTo(500);
            host.pass(TimeUnit.MILLISECONDS.toNanos(1100));
            TcpCounters counters = host.tcp().counters();
            assertThat(listener.halfOpenCount()).isZero();
            assertThat(counters.halfOpenPruned).isEqualTo(500);
            assertThat(counters.synCookiesSent).isEqualTo(4500);

            RawPeer late = new RawPeer(host, HONEST, 5001, random.nextInt());
            late.assertServed(late.connect(listener), 20_000);
            host.pass(TimeUnit.MINUTES.toNanos(10));
            early.assertServed(idle, 20_000);
            assertWithinBudget(host);
        }
    }

    /** Until memory is critical and stays so. */
    private void takeUnread(AttackedHost host, TcpListener listener) {
        int port = 1000;
        while (host.tcp().counters().memoryBytes < BUDGET / 16 * 15) {
            RawPeer peer = new RawPeer(host, UNREAD, port++, random.nextInt());
            peer.connect(listener);
            for (int i = 0; i < 40; i++) {
                peer.send(text(0, TEXT));
            }
        }
        host.sent.clear();
    }

    /** What was dropped after SACK had told of it is sent again, as both ends are ours. */
    @Test
    void aTransferArrivesWholeThoughMemoryIsShortAtBothEnds() throws Exception {
        long pruned = 0;
        for (int i = 0; i < 5; i++) {
            SimulatedNetwork network =
                    new SimulatedNetwork(
                            SimulatedNetwork.Setup.of(
                                            random.nextLong(),
                                            Faults.NONE
                                                    .withDelay(Duration.ofMillis(10))
                                                    .withLoss(0.03))
                                    .limits(limits(96 << 10))
                                    .tracking());
            new Transfer(
                            network,
                            LossyTransferTest.patient(32 << 10, 256 << 10),
                            StreamEnd.Plan.sending(300_000),
                            StreamEnd.Plan.sending(300_000))
                    .complete();
            // Its ends write whole buffers, so that they may exceed the budget by one.
            pruned += network.left().tcp().counters().pruneCalled;
            pruned += network.right().tcp().counters().pruneCalled;
        }
        assertThat(pruned).isPositive();
    }

    /** A slice keeps the whole of its memory in use. */
    @Test
    void slicesThatAreWrittenKeepNoMoreInUseThanThereIs() throws IOException {
        try (AttackedHost host = host()) {
            TcpListener listener = host.listen(1);
            for (int i = 0; i < 600; i++) {
                TcpConnection connection = attacker(host, i).window(0).connect(listener);
                for (int j = 0; j < 4; j++) {
                    int space = Math.min(connection.sendSpace(), 1 << 14);
                    if (space > 0) {
                        try (Buffer whole = host.pool.allocate(1 << 16)) {
                            connection.send(whole.share(0, 1 + random.nextInt(space)));
                        }
                    }
                }
                assertWithinBudget(host);
                host.sent.clear();
            }
            assertThat(host.tcp().counters().memoryBytes).isGreaterThan(BUDGET / 16 * 15);
        }
    }

    /** As {@link #takeUnread}: what exceeds the budget is dropped, and counted. */
    @Test
    void whatNobodyReadsTakesNoMoreThanThereIs() throws IOException {
        try (AttackedHost host = host()) {
            TcpListener listener = host.listen(1);
            for (int i = 0; i < 1000; i++) {
                RawPeer peer = attacker(host, i);
                peer.connect(listener);
                for (int j = 0; j < 20; j++) {
                    peer.send(text(0, 1 + random.nextInt(1400)));
                }
                host.sent.clear();
                assertWithinBudget(host);
            }
            assertThat(host.tcp().counters().outOfMemory).isPositive();
            assertThat(host.tcp().counters().memoryBytes).isGreaterThan(BUDGET / 16 * 15);
        }
    }
}
