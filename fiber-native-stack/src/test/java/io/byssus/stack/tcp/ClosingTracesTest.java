package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The closing states: FIN-WAIT-1 to LAST-ACK (RFC 9293, 3.6 and 3.10.7.4). */
class ClosingTracesTest extends TraceTest {
    @Test
    void thisEndClosesFirst() {
        finWait2();
        peer("F. 1:1(0) ack 2");
        expect(". 2:2(0) ack 2");
        assertState(TcpState.TIME_WAIT);
        assertThat(told(TcpEvents.CLOSED)).isTrue();
    }

    @Test
    void thePeerClosesFirst() {
        lastAck();
        peer(". 2:2(0) ack 2");
        assertState(TcpState.CLOSED);
        assertThat(connection.failure()).isEqualTo(TcpFailure.NONE);
        assertThat(told(TcpEvents.CLOSED)).isTrue();
    }

    @Test
    void bothCloseAtTheSameTime() {
        closing();
        peer(". 2:2(0) ack 2");
        assertState(TcpState.TIME_WAIT);
    }

    @Test
    void theFinMayComeWithTheAcknowledgmentOfOurs() {
        finWait1();
        peer("F. 1:1(0) ack 2");
        expect(". 2:2(0) ack 2");
        assertState(TcpState.TIME_WAIT);
    }

    @Test
    @Tag("MAY-1")
    void afterOurEndThePeersTextIsStillRead() {
        finWait1();
        peer("P. 1:11(10) ack 1");
        expect(". 2:2(0) ack 11");
        read(10);
        peer("P. 11:21(10) ack 2");
        expect(". 2:2(0) ack 21");
        assertState(TcpState.FIN_WAIT_2);
        read(10);
        peer("F. 21:31(10) ack 2");
        expect(". 2:2(0) ack 32");
        read(10);
        assertThat(connection.atEnd()).isTrue();
    }

    @Test
    @Tag("MAY-1")
    void afterThePeersEndOurTextIsStillSent() {
        closeWait();
        write(10);
        expect("P. 1:11(10) ack 2");
        peer(". 2:2(0) ack 11");
        assertState(TcpState.CLOSE_WAIT);
        closeOutput();
        expect("F. 11:11(0) ack 2");
    }

    @Test
    void theFinFollowsWhatIsQueued() {
        established();
        write(2000);
        expect(". 1:1001(1000) ack 1", "P. 1001:2001(1000) ack 1");
        closeOutput();
        expect("F. 2001:2001(0) ack 1");
        peer(". 1:1(0) ack 2001");
        assertState(TcpState.FIN_WAIT_1);
        peer(". 1:1(0) ack 2002");
        assertState(TcpState.FIN_WAIT_2);
    }

    @Test
    void aFinThatIsLostIsSentAgain() {
        finWait1();
        expectAfterMillis(150, 1000, "F. 1:1(0) ack 1");
        peer(". 1:1(0) ack 2");
        assertState(TcpState.FIN_WAIT_2);
    }

    @Test
    void aFinAfterAGapWaitsForIt() {
        established();
        peer("F. 11:21(10) ack 1");
        expect(". 1:1(0) ack 1");
        assertState(TcpState.ESTABLISHED);
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 22");
        assertState(TcpState.CLOSE_WAIT);
        read(20);
    }

    @Test
    void aRepeatedFinIsAcknowledgedAgain() {
        closeWait();
        peer("F. 1:1(0) ack 1");
        expect(". 1:1(0) ack 2");
        closeOutput();
        expect("F. 1:1(0) ack 2");
        peer("F. 1:1(0) ack 1");
        expect(". 2:2(0) ack 2");
        assertState(TcpState.LAST_ACK);
    }

    @Test
    void textAfterTheFinIsIgnored() {
        closeWait();
        peer("P. 2:12(10) ack 1");
        read(0);
        assertState(TcpState.CLOSE_WAIT);
        ignoreSent();
    }

    @Test
    void aResetEndsEachState() {
        finWait1();
        peer("R 1:1(0)");
        assertFailed(TcpFailure.RESET);
    }

    @Test
    void aResetEndsFinWait2() {
        finWait2();
        peer("R 1:1(0)");
        assertFailed(TcpFailure.RESET);
    }

    @Test
    void aResetEndsClosing() {
        closing();
        peer("R 2:2(0)");
        assertState(TcpState.CLOSED);
    }

    @Test
    void aResetEndsCloseWait() {
        closeWait();
        peer("R 2:2(0)");
        assertFailed(TcpFailure.RESET);
    }

    @Test
    void aResetEndsLastAck() {
        lastAck();
        peer("R 2:2(0)");
        assertState(TcpState.CLOSED);
    }

    @Test
    void aSynIsChallengedInEachState() {
        lastAck();
        peer("S 1:1(0)");
        expect(". 2:2(0) ack 2");
        assertState(TcpState.LAST_ACK);
    }

    @Test
    void anAbortResetsInHalfClosedStates() {
        finWait2();
        abort();
        expect("R. 2:2(0) ack 1");
    }

    @Test
    void anAbortResetsInCloseWait() {
        closeWait();
        abort();
        expect("R. 1:1(0) ack 2");
    }

    @Test
    @Tag("SHLD-3")
    void closingWithUnreadTextResets() {
        established();
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11");
        close();
        expect("R. 1:1(0) ack 11");
    }

    @Test
    @Tag("SHLD-3")
    void textThatComesAfterTheCloseIsAnsweredWithAReset() {
        finWait1();
        close();
        peer("P. 1:11(10) ack 2");
        expect("R. 2:2(0) ack 1");
        assertState(TcpState.CLOSED);
    }

    @Test
    void whatAnOrphanHeldOutOfOrderIsGivenBackWhenItIsReset() {
        finWait2();
        peer("P. 11:21(10) ack 2");
        expect(". 2:2(0) ack 1");
        close();
        peer("P. 1:11(10) ack 2");
        expect("R. 2:2(0) ack 1");
        assertState(TcpState.CLOSED);
        assertThat(wire.stack.counters().memoryBytes).isZero();
    }

    @Test
    void anOrphanInFinWait2EndsAfterAMinute() {
        finWait2();
        close();
        afterSeconds(59);
        assertState(TcpState.FIN_WAIT_2);
        afterSeconds(2);
        assertState(TcpState.CLOSED);
    }
}
