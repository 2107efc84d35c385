package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** CLOSED, LISTEN, SYN-SENT and SYN-RECEIVED (RFC 9293, 3.5, 3.10.1, 3.10.7.2 and 3.10.7.3). */
class OpeningTracesTest extends TraceTest {
    @Test
    void anActiveOpen() {
        connection = open();
        send();
        expect("S 0:0(0) win 57344 <mss 1460, sackOK, TS val 0 ecr 0, wscale 7>");
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000, sackOK, TS val 7 ecr 0, wscale 3>");
        expect(". 1:1(0) ack 1 <TS val 0 ecr 7>");
        assertState(TcpState.ESTABLISHED);
        assertThat(told(TcpEvents.CONNECTED)).isTrue();
    }

    @Test
    @Tag("MUST-11")
    void aPassiveOpen() {
        listen();
        peer("S 0:0(0) win 10000 <mss 1000, sackOK, TS val 7 ecr 0, wscale 3>");
        expect("S. 0:0(0) ack 1 <mss 1460, sackOK, TS val 0 ecr 7, wscale 7>");
        connection = wire.stack.connections().getFirst();
        assertState(TcpState.SYN_RECEIVED);
        peer(". 1:1(0) ack 1 win 1250 <TS val 8 ecr 0>");
        assertState(TcpState.ESTABLISHED);
        assertThat(connection.opening).isEqualTo(TcpConnection.Opening.PASSIVE);
        assertThat(wire.stack.accept(listener)).isSameAs(connection);
        assertThat(connection.send.window()).isEqualTo(10_000);
    }

    @Test
    void textBesideASynIsReadWhenTheHandshakeIsDone() {
        synSent();
        peer("S. 0:5(5) ack 1 win 10000 <mss 1000>");
        expect(". 1:1(0) ack 6");
        read(5);
    }

    @Test
    void aFinBesideASynEndsTheStream() {
        synSent();
        peer("SF. 0:5(5) ack 1 win 10000 <mss 1000>");
        expect(". 1:1(0) ack 7");
        assertState(TcpState.CLOSE_WAIT);
        read(5);
        assertThat(connection.atEnd()).isTrue();
    }

    @Test
    void textThatWasQueuedGoesWithTheAcknowledgmentOfTheSyn() {
        synSent();
        write(10);
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect("P. 1:11(10) ack 1");
    }

    @Test
    void aHalfOpenListenerTakesTextWithTheLastAcknowledgment() {
        synReceived();
        peer("P. 1:11(10) ack 1 win 10000");
        expect(". 1:1(0) ack 11");
        read(10);
    }

    @Test
    @Tag("MUST-10")
    void bothOpenAtTheSameTime() {
        synReceivedActively();
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect(". 1:1(0) ack 1");
        assertState(TcpState.ESTABLISHED);
        assertThat(told(TcpEvents.CONNECTED)).isTrue();
    }

    @Test
    @Tag("MUST-10")
    void aPlainAcknowledgmentEndsASimultaneousOpenToo() {
        synReceivedActively();
        peer("P. 1:6(5) ack 1 win 10000");
        expect(". 1:1(0) ack 6");
        assertState(TcpState.ESTABLISHED);
        read(5);
    }

    @Test
    @Tag("MUST-10")
    void theWindowBesideASynIsNotScaledInASimultaneousOpenEither() {
        synSent();
        peer("S 0:0(0) win 10000 <mss 1000, wscale 7>");
        expect("S. 0:0(0) ack 1 <mss 1460, wscale 7>");
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000, wscale 7>");
        expect(". 1:1(0) ack 1");
        assertThat(connection.send.window()).isEqualTo(10_000);
    }

    @Test
    void aSynThatIsRepeatedGetsTheSameAnswer() {
        synReceived();
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1 <mss 1460>");
    }

    @Test
    void aSynThatIsNotAnsweredIsRepeatedAfterOneSecondTwoAndFour() {
        synSent();
        expectAfterMillis(1000, 1001, "S 0:0(0)");
        expectAfterMillis(2000, 2001, "S 0:0(0)");
        expectAfterMillis(4000, 4001, "S 0:0(0)");
    }

    @Test
    void anAnswerToSomethingElseThanOurSynIsReset() {
        synSent();
        peer(". 1:1(0) ack 5");
        expect("R 5:5(0)");
        peer("S. 0:0(0) ack 0");
        expect("R 0:0(0)");
        peer("R. 0:0(0) ack 2");
        assertState(TcpState.SYN_SENT);
    }

    @Test
    @Tag("MUST-12")
    void aResetOfOurSynIsARefusal() {
        synSent();
        peer("R 0:0(0)");
        assertState(TcpState.SYN_SENT);
        peer("R. 0:0(0) ack 1");
        assertFailed(TcpFailure.REFUSED);
        assertThat(told(TcpEvents.CLOSED)).isTrue();
    }

    @Test
    void anAcknowledgmentWithoutASynIsNoAnswer() {
        synSent();
        peer(". 0:0(0) ack 1");
        assertState(TcpState.SYN_SENT);
    }

    @Test
    @Tag("MUST-11")
    void aResetOfAHalfOpenConnectionLetsItsListenerListenOn() {
        synReceived();
        peer("R 1:1(0)");
        assertState(TcpState.CLOSED);
        assertThat(listener.halfOpenCount()).isZero();
        synReceived();
    }

    @Test
    @Tag("MUST-11")
    void aResetOfASimultaneousOpenIsARefusal() {
        synReceivedActively();
        peer("R 1:1(0)");
        assertFailed(TcpFailure.REFUSED);
    }

    @Test
    void aHalfOpenConnectionResetsAnAcknowledgmentOfSomethingElse() {
        synReceived();
        peer(". 1:1(0) ack 2");
        expect("R 2:2(0)");
        peer(". 1:1(0) ack 0");
        expect("R 0:0(0)");
        assertState(TcpState.SYN_RECEIVED);
    }

    @Test
    @Tag("MUST-41")
    void aPassiveOpenLeavesOtherConnectionsAlone() {
        accepted();
        wire.stack.close(listener);
        assertState(TcpState.ESTABLISHED);
        assertThat(listen()).isNotNull();
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11");
        read(10);
    }

    @Test
    @Tag("MUST-42")
    void severalListensAtATimeOneForEachPort() {
        listen();
        assertThat(listen(TracedStack.LOCAL, 81)).isNotNull();
        assertThat(listen(TracedStack.LOCAL, 80)).isNull();
        synReceived();
        wire.localPort = 81;
        wire.origin = 0;
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1");
        assertThat(wire.stack.connections()).hasSize(2);
        wire.stack.connections().forEach(TcpConnection::abort);
        send();
        ignoreSent();
    }

    @Test
    @Tag("MUST-43")
    void theLocalAddressIsAParameter() {
        synSent();
        assertThat(connection.localAddress()).isEqualTo(TracedStack.LOCAL);
    }

    @Test
    @Tag("MUST-45")
    void everySegmentComesFromTheSameAddress() {
        connection = open();
        send();
        afterMillis(100);
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        write(3000);
        assertThat(wire.sent).hasSizeGreaterThan(3);
        for (TracedStack.Sent sent : wire.sent) {
            assertThat(sent.flow().localLow()).isEqualTo(TracedStack.LOCAL.low());
        }
        ignoreSent();
    }

    @Test
    @Tag("MUST-4")
    @Tag("MUST-14")
    @Tag("SHLD-5")
    @Tag("MAY-3")
    void everySynTellsTheSegmentSize() {
        connection = open();
        send();
        expect("S 0:0(0) <mss 1460, sackOK, TS val 0 ecr 0, wscale 7>");
        peer("S 0:0(0) win 10000");
        expect("S. 0:0(0) ack 1 <mss 1460>");
    }

    @Test
    @Tag("MUST-67")
    void theSegmentSizeIsTheLargestPacketThatArrivesLessItsHeaders() {
        wire.mtu = 9000;
        connection = open();
        send();
        expect("S 0:0(0) <mss 8960, sackOK, TS val 0 ecr 0, wscale 7>");
    }

    @Test
    void anOutputThatIsClosedBeforeTheHandshakeEndsAfterIt() {
        synReceived();
        closeOutput();
        expectNothing();
        peer(". 1:1(0) ack 1 win 10000");
        expect("F. 1:1(0) ack 1");
        assertState(TcpState.FIN_WAIT_1);
    }

    /**
     * The network API gives nobody a connection before it is established; the engine's user has it
     * from the first SYN on.
     */
    @Test
    void whatWasQueuedBeforeTheSynIsAnsweredIsSentAndThenTheFin() {
        synSent();
        write(10);
        closeOutput();
        expectNothing();
        assertState(TcpState.SYN_SENT);
        assertThat(connection.canSend()).isFalse();
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect("FP. 1:11(10) ack 1");
        assertState(TcpState.FIN_WAIT_1);
        peer("P. 1:11(10) ack 12 win 10000");
        read(10);
        ignoreSent();
        assertState(TcpState.FIN_WAIT_2);
    }

    @Test
    void itIsSentAfterASimultaneousOpenToo() {
        synSent();
        write(10);
        closeOutput();
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1");
        peer(". 1:1(0) ack 1 win 10000");
        expect("FP. 1:11(10) ack 1");
        assertState(TcpState.FIN_WAIT_1);
    }

    @Test
    void anOutputThatIsClosedWithNothingQueuedLeavesTheInputOpen() {
        synSent();
        closeOutput();
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect("F. 1:1(0) ack 1");
        peer("P. 1:11(10) ack 2 win 10000");
        read(10);
        ignoreSent();
    }

    @Test
    void closingItAltogetherAfterItsOutputEndsItWhereTheSynIsNotAnswered() {
        synSent();
        write(10);
        closeOutput();
        close();
        assertState(TcpState.CLOSED);
        assertThat(wire.stack.connections()).isEmpty();
    }

    @Test
    void closingBeforeTheSynIsAnsweredEndsTheConnection() {
        synSent();
        close();
        assertState(TcpState.CLOSED);
        peer("S. 0:0(0) ack 1");
        expect("R 1:1(0)");
    }

    @Test
    void anAbortOfAHalfOpenConnectionResetsThePeer() {
        synReceived();
        abort();
        expect("R. 1:1(0) ack 1");
        assertFailed(TcpFailure.ABORTED);
    }
}
