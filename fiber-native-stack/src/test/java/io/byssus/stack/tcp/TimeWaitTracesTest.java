package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** TIME-WAIT (RFC 9293, 3.6.1 and 3.10.7.4; RFC 1337, RFC 6191). */
class TimeWaitTracesTest extends TraceTest {
    @Test
    @Tag("MUST-13")
    void aFinThatComesAgainIsAcknowledgedForTwoMinutesOfLifetimes() {
        timeWait();
        afterSeconds(59);
        peer("F. 1:1(0) ack 2");
        expect(". 2:2(0) ack 2");
        afterSeconds(59);
        assertThat(wire.stack.timeWaitCount()).isEqualTo(1);
        afterSeconds(2);
        assertThat(wire.stack.timeWaitCount()).isZero();
        peer("F. 1:1(0) ack 2");
        expect("R 2:2(0)");
    }

    @Test
    void aResetDoesNotEndIt() {
        timeWait();
        peer("R 2:2(0)", "R. 2:2(0) ack 2");
        assertThat(wire.stack.timeWaitCount()).isEqualTo(1);
    }

    @Test
    void theLastAcknowledgmentIsSentOnceOnly() {
        timeWait();
        afterSeconds(70);
        expectNothing();
    }

    @Test
    void aBatchOfFinAndTextIsReadInTimeWait() {
        finWait2();
        peer("P. 1:11(10) ack 2", "F. 11:21(10) ack 2");
        expect(". 2:2(0) ack 22");
        assertState(TcpState.TIME_WAIT);
        read(20);
        assertThat(connection.atEnd()).isTrue();
    }

    @Test
    @Tag("MAY-2")
    void aNewSynWithAHigherNumberIsTakenByAListener() {
        listen();
        timeWait();
        peer("S 1000:1000(0) win 10000 <mss 1000>");
        assertThat(wire.sent.peek().segment().flags()).isEqualTo("S.");
        assertThat(wire.sent.poll().segment().acknowledgment()).isEqualTo(1001);
        TcpConnection reborn = wire.stack.connections().getFirst();
        peer(". 1001:1001(0) ack 1 win 10000");
        assertThat(reborn.state()).isEqualTo(TcpState.ESTABLISHED);
        assertThat(wire.stack.timeWaitCount()).isZero();
        reborn.abort();
        send();
        ignoreSent();
    }

    @Test
    @Tag("MAY-2")
    void anOldSynIsAnsweredWithWhereWeWere() {
        listen();
        timeWait();
        peer("S 1:1(0) win 10000 <mss 1000>");
        expect(". 2:2(0) ack 2");
        assertThat(wire.stack.connections()).isEmpty();
    }

    @Test
    @Tag("SHLD-4")
    void aLaterTimestampAllowsAnyNumber() {
        listen();
        established("mss 1000, TS val 100 ecr 0");
        closeOutput();
        ignoreSent();
        peer("F. 1:1(0) ack 2 <TS val 101 ecr 100>");
        expect(". 2:2(0) ack 2 <TS val 100 ecr 101>");
        peer("S -500:-500(0) win 10000 <mss 1000, TS val 102 ecr 0>");
        assertThat(wire.sent.poll().segment().flags()).isEqualTo("S.");
        wire.stack.connections().forEach(TcpConnection::abort);
        send();
        ignoreSent();
    }

    @Test
    void thisEndMayNotUseItsEndpointsAgain() {
        timeWait();
        assertThat(open()).isNull();
        afterSeconds(61);
        TcpConnection again = open();
        assertThat(again).isNotNull();
        again.abort();
    }
}
