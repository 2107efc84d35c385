package io.byssus.stack.tcp;

import static io.byssus.stack.tcp.TimeWaitTable.NO_TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.SipHash;
import io.byssus.stack.tcp.TimeWaitTable.Action;
import io.byssus.stack.wire.TcpHeader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A segment that arrives in TIME-WAIT (RFC 9293, 3.10.7.4). */
class TimeWaitSegmentTest {
    private static final long DURATION = TimeWaitTable.DURATION_NANOS;
    private static final int ACK = TcpHeader.ACK;
    private static final int FIN = TcpHeader.FIN;
    private static final int SYN = TcpHeader.SYN;
    private static final int RST = TcpHeader.RST;

    /** The numbers of the connection: they wrap soon. */
    private static final int SEND_NEXT = 0xffff_ffff;

    private static final int RECEIVE_NEXT = 5;
    private static final int RECENT = -3;

    /** When the segment arrives. */
    private static final long LATER = 1000;

    private final TimeWaitTable table =
            new TimeWaitTable(new SipHash(new SplittableRandom(1)), 10, DURATION);
    private final TestFlow flow = TestFlow.ofIpv4(1, 80, 2, 50_000);
    private final int record = table.add(0, flow, SEND_NEXT, RECEIVE_NEXT);

    private Action segment(int flags, int sequence, int payload, long timestamp) {
        return table.onSegment(LATER, record, flags, sequence, payload, timestamp);
    }

    private Action segment(int flags, int sequence, int payload) {
        return segment(flags, sequence, payload, NO_TIMESTAMP);
    }

    private void withTimestamps() {
        table.timestampRecent(record, RECENT);
    }

    private static long recentPlus(int millis) {
        return Integer.toUnsignedLong(RECENT + millis);
    }

    private void assertRestarted(boolean restarted) {
        assertThat(table.deadline()).isEqualTo(restarted ? LATER + DURATION : DURATION);
    }

    @Test
    void aResetIsIgnored() {
        for (int sequence = RECEIVE_NEXT - 20; sequence < RECEIVE_NEXT + 20; sequence++) {
            assertThat(segment(RST, sequence, 0)).isEqualTo(Action.DROP);
            assertThat(segment(RST | ACK, sequence, 0)).isEqualTo(Action.DROP);
            assertThat(segment(RST | SYN, sequence, 0)).isEqualTo(Action.DROP);
        }
        assertThat(table.resetsIgnored()).isEqualTo(120);
        assertThat(table.size()).isEqualTo(1);
        assertRestarted(false);
    }

    @Test
    @Tag("MUST-13")
    void aRetransmittedFinIsAcknowledgedAndRestartsTheTime() {
        assertThat(segment(FIN | ACK, RECEIVE_NEXT - 1, 0)).isEqualTo(Action.ACKNOWLEDGE);
        assertRestarted(true);
    }

    @Test
    void aFinRetransmittedWithDataIsOneToo() {
        assertThat(segment(FIN | ACK, RECEIVE_NEXT - 11, 10)).isEqualTo(Action.ACKNOWLEDGE);
        assertRestarted(true);
    }

    @Test
    void aFinThatIsNotTheLastOneDoesNotRestartTheTime() {
        assertThat(segment(FIN | ACK, RECEIVE_NEXT, 0)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(FIN | ACK, RECEIVE_NEXT - 2, 0)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(FIN | ACK, RECEIVE_NEXT - 1, 1)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(FIN, RECEIVE_NEXT - 1, 0)).isEqualTo(Action.DROP);
        assertRestarted(false);
    }

    @Test
    void aFinIsNewestAgainWhenItsTimeIsRestarted() {
        TestFlow other = TestFlow.ofIpv4(1, 80, 3, 50_000);
        table.add(500, other, 1, 2);
        segment(FIN | ACK, RECEIVE_NEXT - 1, 0);
        assertThat(table.deadline()).isEqualTo(500 + DURATION);
        assertThat(table.onDeadline(500 + DURATION)).isEqualTo(1);
        assertRestarted(true);
    }

    @Test
    void whatIsNotAcceptableIsAcknowledged() {
        assertThat(segment(ACK, RECEIVE_NEXT - 10, 10)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(ACK, RECEIVE_NEXT, 10)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(ACK, RECEIVE_NEXT - 1, 0)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(ACK, RECEIVE_NEXT + 1, 0)).isEqualTo(Action.ACKNOWLEDGE);
        assertRestarted(false);
    }

    @Test
    void anAcknowledgmentInOrderIsNotAnswered() {
        assertThat(segment(ACK, RECEIVE_NEXT, 0)).isEqualTo(Action.DROP);
    }

    @Test
    void aSegmentWithoutAcknowledgmentIsDropped() {
        assertThat(segment(0, RECEIVE_NEXT, 10)).isEqualTo(Action.DROP);
    }

    @Test
    void anOldDuplicateByItsTimestampIsAcknowledgedAndNothingElse() {
        withTimestamps();
        assertThat(segment(FIN | ACK, RECEIVE_NEXT - 1, 0, recentPlus(-1)))
                .isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(ACK, RECEIVE_NEXT, 0, recentPlus(-1))).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(table.timestampRecent(record)).isEqualTo(RECENT);
        assertRestarted(false);
    }

    @Test
    void theTimestampOfARetransmittedFinIsEchoed() {
        withTimestamps();
        assertThat(segment(FIN | ACK, RECEIVE_NEXT - 1, 0, recentPlus(7)))
                .isEqualTo(Action.ACKNOWLEDGE);
        assertThat(table.timestampRecent(record)).isEqualTo(RECENT + 7);
        assertRestarted(true);
    }

    @Test
    void aSegmentThatLacksItsTimestampIsDropped() {
        withTimestamps();
        assertThat(segment(FIN | ACK, RECEIVE_NEXT - 1, 0)).isEqualTo(Action.DROP);
        assertThat(segment(ACK, RECEIVE_NEXT - 1, 1)).isEqualTo(Action.DROP);
    }

    @Test
    @Tag("MAY-2")
    void aSynWithAHigherNumberTakesOver() {
        assertThat(segment(SYN, RECEIVE_NEXT, 0)).isEqualTo(Action.REOPEN);
        assertThat(segment(SYN, RECEIVE_NEXT + 1_000_000, 0)).isEqualTo(Action.REOPEN);
        assertThat(segment(SYN, RECEIVE_NEXT - 1 + Integer.MIN_VALUE, 0)).isEqualTo(Action.REOPEN);
        assertThat(table.reopened()).isEqualTo(3);
    }

    @Test
    @Tag("MAY-2")
    void aSynWithALowerNumberIsChallenged() {
        assertThat(segment(SYN, RECEIVE_NEXT - 1, 0)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(SYN, RECEIVE_NEXT - 1_000_000, 0)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(table.reopened()).isZero();
        assertRestarted(false);
    }

    @Test
    @Tag("SHLD-4")
    void aSynWithALaterTimestampTakesOverWhateverItsNumber() {
        withTimestamps();
        assertThat(segment(SYN, RECEIVE_NEXT - 1000, 0, recentPlus(1))).isEqualTo(Action.REOPEN);
        assertThat(segment(SYN, RECEIVE_NEXT + 1000, 0, recentPlus(1000))).isEqualTo(Action.REOPEN);
    }

    @Test
    @Tag("SHLD-4")
    void aSynWithTheSameTimestampNeedsAHigherNumber() {
        withTimestamps();
        assertThat(segment(SYN, RECEIVE_NEXT, 0, recentPlus(0))).isEqualTo(Action.REOPEN);
        assertThat(segment(SYN, RECEIVE_NEXT - 1, 0, recentPlus(0))).isEqualTo(Action.ACKNOWLEDGE);
    }

    @Test
    @Tag("SHLD-4")
    void aSynWithAnEarlierTimestampIsChallengedWhateverItsNumber() {
        withTimestamps();
        assertThat(segment(SYN, RECEIVE_NEXT + 1000, 0, recentPlus(-1)))
                .isEqualTo(Action.ACKNOWLEDGE);
    }

    @Test
    @Tag("SHLD-4")
    void aSynThatDropsTimestampsNeedsAHigherNumber() {
        withTimestamps();
        assertThat(segment(SYN, RECEIVE_NEXT, 0)).isEqualTo(Action.REOPEN);
        assertThat(segment(SYN, RECEIVE_NEXT - 1, 0)).isEqualTo(Action.ACKNOWLEDGE);
    }

    @Test
    @Tag("SHLD-4")
    void aSynThatBringsTimestampsTakesOver() {
        assertThat(segment(SYN, RECEIVE_NEXT - 1000, 0, 0)).isEqualTo(Action.REOPEN);
    }

    @Test
    void aSynThatIsMoreThanASynIsChallenged() {
        assertThat(segment(SYN | ACK, RECEIVE_NEXT, 0)).isEqualTo(Action.ACKNOWLEDGE);
        assertThat(segment(SYN | FIN, RECEIVE_NEXT, 0)).isEqualTo(Action.ACKNOWLEDGE);
    }

    @Test
    @Tag("MAY-2")
    void timeWaitGoesOnBehindTheNewConnectionUntilThatIsEstablished() {
        assertThat(segment(SYN, RECEIVE_NEXT, 0)).isEqualTo(Action.REOPEN);
        int kept =
                table.find(
                        flow.localHigh(),
                        flow.localLow(),
                        flow.remoteHigh(),
                        flow.remoteLow(),
                        flow.ports());
        assertThat(kept).isEqualTo(record);
        assertThat(table.sendNext(kept)).isEqualTo(SEND_NEXT);
        table.remove(kept);
        assertThat(table.size()).isZero();
    }
}
