package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Attacks 2 to 4: one who knows the ends of a connection but sees none of it guesses (RFC 5961).
 */
class BlindAttackTest {
    private static final int PEER = Ipv4Address.parse("10.0.0.2");
    private static final int WINDOW_MAX = 0xffff;
    private static final int BEYOND = WINDOW_MAX + 5000;

    private final AttackedHost host = new AttackedHost(Seeds.next("BlindAttackTest"));
    private TcpListener listener;

    @BeforeEach
    void listen() {
        listener = host.listen(10);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private RawPeer peer() {
        // The window wraps round: sweeps cross 2^32.
        return new RawPeer(host, PEER, 5000, -1000);
    }

    private static void send(AttackedHost host, TcpConnection connection, byte... text) {
        var buffer = host.pool.allocate(text.length);
        buffer.put(0, text, 0, text.length);
        connection.send(buffer);
        host.settle();
    }

    private void assertAlive(RawPeer peer, TcpConnection connection) {
        host.sent.clear();
        peer.send((byte) 1, (byte) 2);
        assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
        assertThat(connection.receivable()).isEqualTo(2);
        connection.receive().close();
        host.pass(TimeUnit.SECONDS.toNanos(1));
        assertThat(peer.mine()).as("an acknowledgment").isNotNull();
        assertThat(peer.mine().acknowledgment()).isEqualTo(peer.next);
    }

    /** How many answers came to a sweep with {@code flags}, of 100 guesses a millisecond. */
    private int sweep(RawPeer peer, int flags, boolean includesNext) {
        int answers = 0;
        for (int i = -BEYOND; i <= BEYOND; i++) {
            if (i == 0 && !includesNext) {
                continue;
            }
            host.deliver(peer.segment(flags).sequence(peer.next + i).acknowledgment(0));
            answers += host.sent.size();
            assertThat(host.countSent(TcpHeader.RST)).as("resets at %d", i).isZero();
            if (i % 100 == 0) {
                host.pass(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
        return answers;
    }

    private static int answersMax() {
        return (int) (2L * BEYOND / 100 / 500) + 2;
    }

    @Test
    void onlyTheNextNumberResets() {
        RawPeer peer = peer();
        TcpConnection connection = peer.connect(listener);
        int answers = sweep(peer, TcpHeader.RST, false);
        assertThat(answers).isBetween(1, answersMax());
        assertThat(host.tcp().counters().challengeAcksSuppressed).isPositive();
        assertAlive(peer, connection);
        host.deliver(peer.segment(TcpHeader.RST));
        assertThat(connection.state()).isEqualTo(TcpState.CLOSED);
        assertThat(connection.failure()).isEqualTo(TcpFailure.RESET);
    }

    @Test
    void resetsOutsideTheWindowGetNoAnswer() {
        RawPeer peer = peer();
        TcpConnection connection = peer.connect(listener);
        host.deliver(peer.segment(TcpHeader.RST).sequence(peer.next - 1));
        host.deliver(peer.segment(TcpHeader.RST).sequence(peer.next + WINDOW_MAX + 1));
        assertThat(host.sent).isEmpty();
        host.deliver(peer.segment(TcpHeader.RST).sequence(peer.next + 1));
        assertThat(host.sent).hasSize(1);
        assertThat(host.sent.getFirst().flags()).isEqualTo(TcpHeader.ACK);
        assertAlive(peer, connection);
    }

    @Test
    void noSynResets() {
        RawPeer peer = peer();
        TcpConnection connection = peer.connect(listener);
        assertThat(sweep(peer, TcpHeader.SYN, true)).isBetween(1, answersMax());
        assertThat(sweep(peer, TcpHeader.SYN | TcpHeader.ACK, true)).isBetween(1, answersMax());
        assertThat(sweep(peer, TcpHeader.SYN | TcpHeader.RST, false)).isBetween(1, answersMax());
        assertAlive(peer, connection);
    }

    /** This end closes first; then a SYN may only begin a new connection, if at all. */
    @Test
    void noSynAndNoResetEndsTimeWait() {
        RawPeer peer = peer();
        TcpConnection connection = peer.connect(listener);
        host.tcp().close(listener);
        connection.close();
        host.settle();
        peer.expected++;
        host.deliver(peer.segment(TcpHeader.FIN | TcpHeader.ACK));
        peer.next++;
        assertThat(connection.state()).isEqualTo(TcpState.TIME_WAIT);
        assertThat(host.tcp().timeWaitCount()).isEqualTo(1);
        host.sent.clear();
        for (int i = -BEYOND; i <= BEYOND; i++) {
            host.deliver(peer.segment(TcpHeader.RST).sequence(peer.next + i));
        }
        assertThat(host.sent).isEmpty();
        assertThat(host.tcp().timeWaitCount()).isEqualTo(1);
        // At this rate the record lives on; nobody listens, so what may reopen gets a reset.
        for (int i = -BEYOND; i <= 0; i++) {
            host.deliver(peer.segment(TcpHeader.SYN).sequence(peer.next + i - 1));
        }
        assertThat(host.countSent(TcpHeader.RST)).isZero();
        assertThat(host.tcp().timeWaitCount()).isEqualTo(1);
    }

    /** With a listener, a SYN that may reopen becomes half open beside the record, no more. */
    @Test
    void blindSynsLeaveTheRecordOfTimeWait() {
        RawPeer peer = peer();
        TcpConnection connection = peer.connect(listener);
        connection.close();
        host.settle();
        peer.expected++;
        host.deliver(peer.segment(TcpHeader.FIN | TcpHeader.ACK));
        peer.next++;
        for (int i = -BEYOND; i <= BEYOND; i++) {
            host.deliver(peer.segment(TcpHeader.SYN).sequence(peer.next + i));
        }
        assertThat(host.countSent(TcpHeader.RST)).isZero();
        assertThat(host.tcp().timeWaitCount()).isEqualTo(1);
        assertThat(listener.halfOpenCount()).isEqualTo(1);
        assertThat(host.tcp().connections()).hasSize(1);
    }

    /** RFC 5961, section 5: an acknowledgment must be of the last window at least. */
    @Test
    void blindTextNeedsAnAcknowledgmentInRange() {
        RawPeer peer = peer();
        TcpConnection connection = peer.connect(listener);
        int maxWindow = WINDOW_MAX;
        int taken = 0;
        int[] far = {1, 2, 1000, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE};
        for (int ahead : far) {
            peer.host.deliver(
                    peer.segment(TcpHeader.ACK)
                            .acknowledgment(peer.expected + ahead)
                            .text((byte) 66));
            peer.host.deliver(
                    peer.segment(TcpHeader.ACK)
                            .acknowledgment(peer.expected - maxWindow - ahead)
                            .text((byte) 66));
            assertThat(connection.receivable()).isEqualTo(taken);
        }
        assertThat(host.tcp().counters().implausibleAcks).isEqualTo(2L * far.length);
        assertThat(host.sent.size()).isLessThanOrEqualTo(1);
        assertAlive(peer, connection);
    }

    @Test
    void textWithoutAcknowledgmentIsNotTaken() {
        RawPeer peer = peer();
        TcpConnection connection = peer.connect(listener);
        host.deliver(peer.segment(TcpHeader.PSH).text((byte) 66));
        host.deliver(peer.segment(0).text((byte) 66));
        host.deliver(peer.segment(TcpHeader.FIN).text((byte) 66));
        assertThat(connection.receivable()).isZero();
        assertAlive(peer, connection);
    }

    /** What a blind segment says in other fields must not count either. */
    @Test
    void aForgedTimestampDoesNotMakeTheRealOnesOld() {
        byte[] first = timestamps(1000);
        RawPeer peer = peer().synOptions(first);
        SentSegment answer = peer.open();
        host.deliver(peer.segment(TcpHeader.ACK).options(timestamps(1000)));
        TcpConnection connection = host.accepted(listener);
        assertThat(answer.hasTimestamps()).isTrue();
        // In the window, a far newer timestamp, but the acknowledgment is a guess.
        host.deliver(
                peer.segment(TcpHeader.ACK)
                        .acknowledgment(peer.expected + 12_345)
                        .options(timestamps(0x6000_0000))
                        .text((byte) 66));
        host.deliver(
                peer.segment(TcpHeader.SYN)
                        .acknowledgment(peer.expected + 12_345)
                        .options(timestamps(0x6000_0000)));
        host.deliver(
                peer.segment(TcpHeader.RST)
                        .sequence(peer.next + 1)
                        .options(timestamps(0x6000_0000)));
        host.deliver(peer.segment(0).options(timestamps(0x6000_0000)).text((byte) 66));
        assertThat(connection.receivable()).isZero();
        host.deliver(peer.segment(TcpHeader.ACK).options(timestamps(1001)).text((byte) 1));
        assertThat(connection.receivable()).as("the real text").isEqualTo(1);
    }

    private static byte[] timestamps(int value) {
        return ByteBuffer.allocate(12).putInt(0x0101_080a).putInt(value).putInt(0).array();
    }

    /** Blind segments at the edges of the window, while text of ours is in flight. */
    @Test
    void blindAcknowledgmentsReleaseNothing() {
        RawPeer peer = peer();
        TcpConnection connection = peer.connect(listener);
        send(host, connection, new byte[1000]);
        int space = connection.sendSpace();
        for (int ahead = 1001; ahead < 3000; ahead++) {
            host.deliver(peer.segment(TcpHeader.ACK).acknowledgment(peer.expected + ahead));
        }
        assertThat(connection.sendSpace()).isEqualTo(space);
        peer.expected += 1000;
        host.deliver(peer.segment(TcpHeader.ACK));
        assertThat(connection.sendSpace()).isEqualTo(space + 1000);
    }
}
