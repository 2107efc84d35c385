package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpEvents;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks 5 to 7 and 12: peers that shake hands, and then make work or keep memory. */
class HostilePeerTest {
    private static final int PEER = Ipv4Address.parse("10.0.0.2");

    /** An MSS of 48 and SACK, a window scale of 14: the most work for a byte. */
    private static final byte[] SMALL_AND_SACK = {2, 4, 0, 48, 1, 1, 4, 2, 1, 3, 3, 14};

    private static final int LEAST_MSS = 48;

    /** For the work that was done: what else a busy machine does meanwhile is not counted. */
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long seed = Seeds.next("HostilePeerTest");
    private final SplittableRandom random = new SplittableRandom(seed);

    private static Buffer text(AttackedHost host, int length) {
        Buffer text = host.pool.allocate(length);
        for (int i = 0; i < length; i++) {
            text.put(i, (byte) i);
        }
        return text;
    }

    /** CVE-2019-11477 and -11479. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 47})
    void aTinyMssDoesNotMakeTinySegments(int mss) throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            TcpListener listener = host.listen(1);
            RawPeer peer =
                    new RawPeer(host, PEER, 5000, random.nextInt())
                            .synOptions(
                                    (byte) 2,
                                    (byte) 4,
                                    (byte) 0,
                                    (byte) mss,
                                    (byte) 4,
                                    (byte) 2,
                                    (byte) 0,
                                    (byte) 0);
            TcpConnection connection = peer.connect(listener);
            int length = 100_000;
            connection.send(text(host, length));
            host.settle();
            int received = 0;
            while (received < length) {
                List<SentSegment> segments = host.takeSent();
                assertThat(segments).isNotEmpty();
                for (SentSegment segment : segments) {
                    assertThat(segment.sequence()).isEqualTo(peer.expected);
                    for (byte b : segment.text()) {
                        assertThat(b).isEqualTo((byte) received++);
                    }
                    assertThat(segment.text().length)
                            .isEqualTo(
                                    Math.min(LEAST_MSS, length - received + segment.text().length));
                    peer.expected = segment.end();
                }
                host.deliver(peer.segment(TcpHeader.ACK));
            }
        }
    }

    /** The same with a cookie, which keeps the MSS in four bits. */
    @Test
    void aTinyMssIsNotBelievedOfACookieEither() throws IOException {
        TcpLimits limits = limits(TcpLimits.DEFAULTS.memoryBytesMax(), 0);
        try (AttackedHost host = new AttackedHost(seed, limits, BufferPool.Mode.TRACKING)) {
            TcpListener listener = host.listen(1);
            RawPeer peer =
                    new RawPeer(host, PEER, 5000, random.nextInt())
                            .synOptions((byte) 2, (byte) 4, (byte) 0, (byte) 1);
            TcpConnection connection = peer.connect(listener);
            connection.send(text(host, 1000));
            host.settle();
            assertThat(host.takeSent().getFirst().text()).hasSize(LEAST_MSS);
        }
    }

    private static TcpLimits limits(long memoryBytesMax, int halfOpenMax) {
        TcpLimits defaults = TcpLimits.DEFAULTS;
        return new TcpLimits(
                defaults.connectionsMax(),
                halfOpenMax,
                defaults.timeWaitMax(),
                memoryBytesMax,
                defaults.blackHoleTimeouts(),
                defaults.congestion());
    }

    /**
     * CVE-2019-11478, -5599: with 20,000 segments in flight, acknowledgments that cut them into
     * single ones cost no more than a few steps each.
     */
    @Test
    void craftedSackBlocksDoNotMakeTheWorkGrow() throws IOException {
        TcpSettings settings = settings(8 << 20);
        try (AttackedHost host =
                new AttackedHost(seed, TcpLimits.DEFAULTS, BufferPool.Mode.RECYCLING)) {
            TcpListener listener = host.listen(1, settings);
            RawPeer peer =
                    new RawPeer(host, PEER, 5000, random.nextInt()).synOptions(SMALL_AND_SACK);
            TcpConnection connection = peer.connect(listener);
            int segments = 20_000;
            fillFlight(host, peer, connection, segments * LEAST_MSS);
            int inFlight = peer.expected;
            int count = 20_000;
            long began = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < count; i++) {
                host.put(peer.segment(TcpHeader.ACK).options(blocks(peer.expected, segments)));
                if (i % 64 == 0) {
                    host.settle();
                    host.sent.clear();
                }
            }
            host.settle();
            long each = (THREADS.getCurrentThreadCpuTime() - began) / count;
            System.out.println("crafted SACKs: " + each + " ns of CPU per acknowledgment");
            assertThat(each).isLessThan(TimeUnit.MICROSECONDS.toNanos(100));
            assertThat(peer.expected).isEqualTo(inFlight);
            assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
        }
    }

    /** Acknowledges everything until so many bytes are in flight at once. */
    private static void fillFlight(
            AttackedHost host, RawPeer peer, TcpConnection connection, int bytes) {
        for (int round = 0; round < 200; round++) {
            while (connection.sendSpace() >= 1 << 16) {
                connection.send(text(host, 1 << 16));
            }
            host.settle();
            List<SentSegment> segments = host.takeSent();
            int inFlight = segments.getLast().end() - peer.expected;
            if (inFlight >= bytes) {
                return;
            }
            host.now += TimeUnit.MILLISECONDS.toNanos(1);
            for (int i = 1; i < segments.size(); i += 2) {
                peer.expected = segments.get(i).end();
                host.put(peer.segment(TcpHeader.ACK));
            }
            peer.expected = segments.getLast().end();
            host.put(peer.segment(TcpHeader.ACK));
        }
        throw new AssertionError("the congestion window stays small");
    }

    private byte[] blocks(int from, int segments) {
        ByteBuffer options = ByteBuffer.allocate(40);
        options.putShort((short) 0x0101).put((byte) 5).put((byte) (2 + 4 * 8));
        for (int i = 0; i < 4; i++) {
            int start = from + (1 + random.nextInt(segments - 1)) * LEAST_MSS;
            options.putInt(start).putInt(start + LEAST_MSS);
        }
        return options.array();
    }

    private static TcpSettings settings(int sendBytesMax) {
        TcpSettings defaults = TcpSettings.DEFAULTS;
        return new TcpSettings(
                false,
                sendBytesMax,
                defaults.receiveBytesMax(),
                0,
                defaults.keepaliveIntervalNanos(),
                defaults.keepaliveProbes(),
                defaults.userTimeoutNanos(),
                defaults.connectTimeoutNanos(),
                false);
    }

    /** CVE-2018-5390. */
    @Test
    void everySecondByteKeepsLittleMemory() throws IOException {
        try (AttackedHost host =
                new AttackedHost(seed, TcpLimits.DEFAULTS, BufferPool.Mode.RECYCLING)) {
            TcpListener listener = host.listen(1);
            RawPeer peer = new RawPeer(host, PEER, 5000, random.nextInt());
            TcpConnection connection = peer.connect(listener);
            long before = host.pool.liveBytes();
            long began = THREADS.getCurrentThreadCpuTime();
            int count = 0;
            for (int round = 0; round < 2; round++) {
                for (int i = 1; i < 60_000; i += 2) {
                    CraftedSegment segment = peer.segment(TcpHeader.ACK);
                    host.deliver(segment.sequence(peer.next + i).text((byte) i));
                    host.sent.clear();
                    count++;
                }
                assertThat(host.pool.liveBytes() - before).isLessThanOrEqualTo(512 << 9);
            }
            long each = (THREADS.getCurrentThreadCpuTime() - began) / count;
            System.out.println("alternating bytes: " + each + " ns of CPU per segment");
            assertThat(each).isLessThan(TimeUnit.MICROSECONDS.toNanos(100));
            // The real stream is delivered whole.
            byte[] real = new byte[1000];
            for (int i = 0; i < real.length; i++) {
                real[i] = (byte) i;
            }
            peer.send(real);
            int received = 0;
            for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
                for (int i = 0; i < text.length(); i++) {
                    assertThat(text.get(i)).isEqualTo((byte) received++);
                }
                text.close();
            }
            assertThat(received).isGreaterThanOrEqualTo(real.length);
        }
    }

    /**
     * Peers that ask for much and read nothing: what waits for all of them together stays within
     * the budget, and those who do read are served.
     */
    @Test
    void stalledPeersDoNotTakeAllMemory() throws IOException {
        long budget = 64 << 20;
        int peers = 100_000;
        try (AttackedHost host =
                new AttackedHost(seed, limits(budget, 1024), BufferPool.Mode.RECYCLING)) {
            TcpListener listener = host.listen(1);
            List<TcpConnection> stalled = new ArrayList<>();
            for (int i = 0; i < peers; i++) {
                RawPeer peer = new RawPeer(host, (20 << 24) + i, 5000, random.nextInt()).window(0);
                stalled.add(peer.connect(listener));
                write(host, stalled.getLast());
                if (i % 1000 == 0) {
                    host.pass(TimeUnit.MILLISECONDS.toNanos(10));
                    host.sent.clear();
                    assertThat(host.pool.liveBytes()).isLessThan(budget + budget / 8);
                }
            }
            System.out.println("stalled peers: " + host.pool.liveBytes() + " bytes held");
            assertThat(host.pool.liveBytes()).isLessThan(budget + budget / 8);

            RawPeer honest = new RawPeer(host, PEER, 5000, random.nextInt());
            TcpConnection connection = honest.connect(listener);
            honest.assertServed(connection, 100_000);
            assertThat(host.tcp().counters().abortsOnMemory).isPositive();
            assertThat(host.tcp().counters().connections).as("those left").isGreaterThan(2);
            assertThat(stalled).noneMatch(c -> c.state() == TcpState.SYN_RECEIVED);
        }
    }

    @Test
    void aWriterThatFoundNoMemoryIsToldWhenThereIsSome() throws IOException {
        long budget = 1 << 20;
        try (AttackedHost host =
                new AttackedHost(seed, limits(budget, 1024), BufferPool.Mode.TRACKING)) {
            TcpListener listener = host.listen(1);
            RawPeer stalled = new RawPeer(host, PEER, 4000, random.nextInt()).window(0);
            TcpConnection full = stalled.connect(listener);
            write(host, full);
            RawPeer other = new RawPeer(host, PEER, 5000, random.nextInt()).window(0);
            TcpConnection connection = other.connect(listener);
            int[] told = {0};
            connection.user(events -> told[0] |= events);
            write(host, connection);
            assertThat(connection.sendSpace()).isZero();
            told[0] = 0;
            host.settle();
            assertThat(told[0]).isZero();
            full.abort();
            host.settle();
            assertThat(told[0]).isEqualTo(TcpEvents.WRITABLE);
            assertThat(connection.sendSpace()).isPositive();
        }
    }

    /** What an application does that has much to say. */
    private static void write(AttackedHost host, TcpConnection connection) {
        while (connection.canSend() && connection.sendSpace() > 0) {
            connection.send(text(host, Math.min(connection.sendSpace(), 1 << 16)));
        }
    }
}
