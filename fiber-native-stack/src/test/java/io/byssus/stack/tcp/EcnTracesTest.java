package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 3168: explicit congestion notification. */
class EcnTracesTest extends TraceTest {
    private void withEcn() {
        settings = TracedSettings.ecn();
        connection = open();
        send();
        expect("SEW 0:0(0)");
        afterMillis(100);
        peer("SE. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect(". 1:1(0) ack 1");
    }

    @Test
    @Tag("SHLD-8")
    void aSynAsksAndASynAckAgrees() {
        withEcn();
        write(10);
        expect("P. 1:11(10) ack 1 ect");
    }

    @Test
    @Tag("SHLD-8")
    void aPassiveOpenAgrees() {
        listen();
        peer("SEW 0:0(0) win 10000 <mss 1000>");
        expect("SE. 0:0(0) ack 1");
        connection = wire.stack.connections().getFirst();
        peer(". 1:1(0) ack 1 win 10000");
        write(10);
        assertThat(wire.sent.poll().trafficClass()).isEqualTo(Ecn.CAPABLE);
    }

    @Test
    @Tag("SHLD-8")
    void aPeerThatDoesNotAgreeGetsNone() {
        settings = TracedSettings.ecn();
        connection = open();
        send();
        expect("SEW 0:0(0)");
        peer("SEW. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect(". 1:1(0) ack 1");
        write(10);
        assertThat(wire.sent.poll().trafficClass()).isEqualTo(Ecn.NOT_CAPABLE);
    }

    @Test
    @Tag("SHLD-8")
    void aSynThatIsRepeatedDoesNotAskAgain() {
        settings = TracedSettings.ecn();
        connection = open();
        send();
        expect("SEW 0:0(0)");
        expectAfterMillis(1000, 1001, "S 0:0(0)");
    }

    @Test
    @Tag("SHLD-8")
    void aMarkIsEchoedUntilThePeerHasSlowedDown() {
        withEcn();
        peer("P. 1:11(10) ack 1 ce");
        expect("E. 1:1(0) ack 11");
        peer("P. 11:21(10) ack 1 ect");
        expect("E. 1:1(0) ack 21");
        peer("PW. 21:31(10) ack 1 ect");
        expect(". 1:1(0) ack 31");
        read(30);
    }

    @Test
    @Tag("SHLD-8")
    void anEchoSlowsDownAndIsConfirmedOnce() {
        withEcn();
        write(10_000);
        assertThat(wire.sent).hasSize(10);
        ignoreSent();
        afterMillis(100);
        peer("E. 1:1(0) ack 9001 win 10000");
        write(10_000);
        assertThat(wire.sent.peek().segment().flags()).contains("W");
        assertThat(wire.sent.stream().filter(sent -> sent.segment().has('W'))).hasSize(1);
        assertThat(wire.sent).hasSizeLessThan(9);
        ignoreSent();
    }

    @Test
    @Tag("SHLD-8")
    void neitherAcknowledgmentsNorRepetitionsAreMarkedCapable() {
        withEcn();
        peer("P. 1:11(10) ack 1 ect");
        assertThat(wire.sent.poll().trafficClass()).isEqualTo(Ecn.NOT_CAPABLE);
        write(10);
        ignoreSent();
        assertThat(wire.advanceUntilSent(1_000_000_000)).isTrue();
        assertThat(wire.sent.poll().trafficClass()).isEqualTo(Ecn.NOT_CAPABLE);
    }
}
