package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Attack 1: SYNs from everywhere, whose senders never answer. */
class SynFloodTest {
    private static final int FLOOD = 1_000_000;
    private static final int HONEST = 100;
    private static final long BETWEEN_NANOS = TimeUnit.MICROSECONDS.toNanos(10);
    private static final int HALF_OPEN_MAX = TcpLimits.DEFAULTS.halfOpenMax();
    private static final int SYN_ACK = TcpHeader.SYN | TcpHeader.ACK;

    /** An MSS of 1460, SACK, timestamps, a scale of 7. */
    private static final byte[] USUAL_OPTIONS = {
        2, 4, 0x05, (byte) 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7
    };

    private final long seed = Seeds.next("SynFloodTest");
    private final SplittableRandom random = new SplittableRandom(seed);

    private void flood(AttackedHost host, int count) {
        for (int i = 0; i < count; i++) {
            host.put(spoofedSyn());
            if (i % 64 == 63) {
                host.now += 64 * BETWEEN_NANOS;
                host.settle();
                host.sent.clear();
            }
        }
        host.settle();
    }

    /** From a public address, so that the answers go through the gateway. */
    private CraftedSegment spoofedSyn() {
        int source = (20 + random.nextInt(80)) << 24 | random.nextInt(1 << 24);
        return CraftedSegment.between(
                        source,
                        1024 + random.nextInt(60_000),
                        AttackedHost.ADDRESS,
                        AttackedHost.PORT)
                .flags(TcpHeader.SYN)
                .sequence(random.nextInt())
                .options(USUAL_OPTIONS);
    }

    private RawPeer honest(AttackedHost host, int number) {
        return new RawPeer(host, AttackedHost.ADDRESS + 1 + number, 5000, random.nextInt())
                .synOptions(USUAL_OPTIONS);
    }

    @Test
    void aMillionSpoofedSynsNeitherFillTheMemoryNorKeepHonestClientsOut() throws Exception {
        try (AttackedHost host =
                new AttackedHost(seed, TcpLimits.DEFAULTS, BufferPool.Mode.RECYCLING)) {
            TcpListener listener = host.listen(HONEST);
            int accepted = 0;
            for (int i = 0; i < HONEST; i++) {
                flood(host, FLOOD / HONEST);
                RawPeer client = honest(host, i);
                SentSegment answer = client.open();
                assertThat(answer).as("client %d gets an answer", i).isNotNull();
                assertThat(answer.flags() & (SYN_ACK | TcpHeader.RST)).isEqualTo(SYN_ACK);
                // A cookie keeps options in the timestamp, which comes back.
                byte[] text = ("client " + i).getBytes(StandardCharsets.US_ASCII);
                host.deliver(client.segment(TcpHeader.ACK).options(timestamps(answer)));
                host.deliver(client.segment(TcpHeader.ACK).options(timestamps(answer)).text(text));
                TcpConnection connection = host.accepted(listener);
                assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
                assertThat(connection.receivable()).isEqualTo(text.length);
                connection.receive().close();
                accepted++;
                assertThat(host.tcp().counters().connections)
                        .isLessThanOrEqualTo(HALF_OPEN_MAX + accepted);
                assertThat(host.pool.liveBytes()).isLessThan(2 << 20);
            }
            assertThat(host.tcp().counters().synCookiesReceived).isPositive();
            assertThat(host.tcp().counters().outResets).isZero();
            assertThat(listener.halfOpenCount()).isLessThanOrEqualTo(HALF_OPEN_MAX);

            long reapedBefore = host.tcp().counters().halfOpenReaped;
            int halfOpen = listener.halfOpenCount();
            host.pass(TimeUnit.SECONDS.toNanos(64));
            assertThat(host.tcp().counters().halfOpenReaped - reapedBefore).isEqualTo(halfOpen);
            assertThat(listener.halfOpenCount()).isZero();
            assertThat(host.tcp().counters().connections).isEqualTo(accepted);
        }
    }

    private static byte[] timestamps(SentSegment answer) {
        int value = answer.timestampValue();
        return new byte[] {
            1,
            1,
            8,
            10,
            0,
            0,
            0,
            2,
            (byte) (value >>> 24),
            (byte) (value >>> 16),
            (byte) (value >>> 8),
            (byte) value
        };
    }

    @Test
    void halfOpenConnectionsAreGoneAfter63Seconds() throws Exception {
        try (AttackedHost host = new AttackedHost(seed)) {
            TcpListener listener = host.listen(HONEST);
            host.deliver(spoofedSyn());
            assertThat(listener.halfOpenCount()).isEqualTo(1);
            host.pass(TimeUnit.MILLISECONDS.toNanos(62_900));
            assertThat(listener.halfOpenCount()).isEqualTo(1);
            assertThat(host.countSent(TcpHeader.SYN)).isEqualTo(6);
            host.pass(TimeUnit.MILLISECONDS.toNanos(200));
            assertThat(listener.halfOpenCount()).isZero();
            assertThat(host.tcp().connections()).isEmpty();
            assertThat(host.sent).isEmpty();
        }
    }

    @Test
    void aFullListenerDropsAndNeverResets() throws Exception {
        int backlog = 3;
        try (AttackedHost host = new AttackedHost(seed)) {
            TcpListener listener = host.listen(backlog);
            RawPeer[] waiting = new RawPeer[backlog + 2];
            for (int i = 0; i < waiting.length; i++) {
                waiting[i] = honest(host, i).synOptions();
                waiting[i].open();
            }
            for (RawPeer client : waiting) {
                host.deliver(client.segment(TcpHeader.ACK));
            }
            assertThat(listener.acceptableCount()).isEqualTo(backlog + 1);
            host.sent.clear();
            RawPeer late = honest(host, waiting.length).synOptions();
            assertThat(late.open()).as("an answer").isNull();
            assertThat(host.countSent(TcpHeader.RST)).isZero();
            assertThat(host.tcp().counters().listenDrops).isPositive();

            // Room again: he whose ACK was dropped gets in with his text, and so does a retry.
            host.accepted(listener);
            host.accepted(listener);
            waiting[backlog + 1].send((byte) 1);
            assertThat(late.open()).isNotNull();
            host.deliver(late.segment(TcpHeader.ACK));
            assertThat(listener.acceptableCount()).isEqualTo(backlog + 1);
            assertThat(host.tcp().counters().outResets).isZero();
        }
    }

    @Test
    void aClientWhoseCookieWasLostTriesAgainAndGetsIn() throws Exception {
        try (AttackedHost host =
                new AttackedHost(seed, TcpLimits.DEFAULTS, BufferPool.Mode.RECYCLING)) {
            TcpListener listener = host.listen(HONEST);
            flood(host, 2 * HALF_OPEN_MAX);
            RawPeer client = honest(host, 1).synOptions();
            int initial = client.next;
            client.open();
            for (int i = 0; i < 3; i++) {
                client.next = initial;
                host.pass(TimeUnit.SECONDS.toNanos(1L << i));
                assertThat(client.open()).isNotNull();
            }
            host.deliver(client.segment(TcpHeader.ACK));
            assertThat(host.accepted(listener).state()).isEqualTo(TcpState.ESTABLISHED);
        }
    }

    /** A guess at a cookie makes no connection, and the answers to guesses are limited. */
    @Test
    void madeUpCookiesAreRefused() throws Exception {
        try (AttackedHost host =
                new AttackedHost(seed, TcpLimits.DEFAULTS, BufferPool.Mode.RECYCLING)) {
            TcpListener listener = host.listen(HONEST);
            flood(host, 2 * HALF_OPEN_MAX);
            host.sent.clear();
            int guesses = 100_000;
            for (int i = 0; i < guesses; i++) {
                host.deliver(spoofedSyn().flags(TcpHeader.ACK).acknowledgment(random.nextInt()));
            }
            assertThat(listener.acceptableCount()).isLessThanOrEqualTo(1);
            assertThat(host.tcp().counters().synCookiesFailed).isGreaterThan(guesses - 2000);
            assertThat(host.tcp().counters().outResets).isLessThan(1500);
        }
    }
}
