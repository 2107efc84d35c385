package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Half-open connections and old duplicates (RFC 9293, 3.5 and 3.5.1, figures 8 to 11). */
class HalfOpenTracesTest extends TraceTest {
    @Test
    void anOldDuplicateOfASynIsFoundOutByThePeersReset() {
        listen();
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1");
        peer("R 1:1(0)");
        assertThat(wire.stack.connections()).isEmpty();
        peer("S 100:100(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 101");
        peer(". 101:101(0) ack 1 win 10000");
        connection = wire.stack.connections().getFirst();
        assertState(TcpState.ESTABLISHED);
    }

    @Test
    void aPeerThatHasCrashedAndOpensAgainLearnsOfTheOldConnectionAndResetsIt() {
        established();
        peer("S 70000:70000(0) win 10000 <mss 1000>");
        expect(". 1:1(0) ack 1");
        assertState(TcpState.ESTABLISHED);
        peer("R 1:1(0)");
        assertFailed(TcpFailure.RESET);
    }

    @Test
    void ourSynThatMeetsAnOldConnectionResetsItAndIsRepeated() {
        synSent();
        peer(". 300:300(0) ack 100");
        expect("R 100:100(0)");
        expectAfterMillis(900, 1100, "S 0:0(0)");
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect(". 1:1(0) ack 1");
        assertState(TcpState.ESTABLISHED);
    }

    @Test
    void textForACrashedEndIsReset() {
        peer("P. 300:310(10) ack 100");
        expect("R 100:100(0)");
    }

    @Test
    void aNewSynForAHalfOpenConnectionIsChallenged() {
        synReceived();
        peer("S 100:100(0) win 10000 <mss 1000>");
        expect(". 1:1(0) ack 1");
        assertState(TcpState.SYN_RECEIVED);
        peer("R 1:1(0)");
        assertState(TcpState.CLOSED);
    }

    @Test
    void whatIsOutsideTheWindowOfAHalfOpenConnectionIsAnsweredWithWhereThatIs() {
        synReceived();
        peer("P. 70000:70010(10) ack 1");
        expect(". 1:1(0) ack 1");
        assertState(TcpState.SYN_RECEIVED);
    }

    @Test
    void aFinMayComeWithTheLastStepOfTheHandshake() {
        synReceived();
        peer("FP. 1:11(10) ack 1 win 10000");
        expect(". 1:1(0) ack 12");
        assertState(TcpState.CLOSE_WAIT);
        read(10);
        assertThat(connection.atEnd()).isTrue();
    }

    @Test
    void aListenerThatIsFullDropsAndNeverResets() {
        listen();
        for (int i = 0; i < 2; i++) {
            wire.remotePort++;
            peer("S 0:0(0) win 10000 <mss 1000>");
            expect("S. 0:0(0) ack 1");
            peer(". 1:1(0) ack 1 win 10000");
        }
        wire.remotePort++;
        peer("S 0:0(0) win 10000 <mss 1000>");
        expectNothing();
        wire.stack.connections().forEach(TcpConnection::abort);
        send();
        ignoreSent();
    }
}
