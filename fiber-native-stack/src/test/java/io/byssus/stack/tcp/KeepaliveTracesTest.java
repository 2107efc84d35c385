package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Keep-alive probes (RFC 9293, 3.8.4). */
class KeepaliveTracesTest extends TraceTest {
    private static final int HOURS_2 = 7200;

    @Test
    @Tag("MUST-24")
    @Tag("MUST-25")
    void withoutTheApplicationsWishNothingIsProbed() {
        assertThat(TcpSettings.DEFAULTS.keepaliveNanos()).isZero();
        established();
        afterSeconds(100_000);
        expectNothing();
    }

    @Test
    @Tag("MAY-5")
    @Tag("MUST-24")
    @Tag("MUST-27")
    @Tag("SHLD-12")
    void afterASilenceANumberThatWasAcknowledgedIsSentAgainWithoutText() {
        settings = TracedSettings.keepaliveSeconds(HOURS_2);
        established();
        expectAfterMillis(7_200_000, 7_201_000, ". 0:0(0) ack 1");
        peer(". 1:1(0) ack 1");
        expectAfterMillis(7_200_000, 7_201_000, ". 0:0(0) ack 1");
    }

    @Test
    @Tag("MUST-26")
    void whatArrivesPutsTheProbeOff() {
        settings = TracedSettings.keepaliveSeconds(100);
        established();
        afterSeconds(99);
        peer("P. 1:2(1) ack 1");
        expect(". 1:1(0) ack 2");
        afterSeconds(99);
        expectNothing();
        expectAfterMillis(900, 1100, ". 0:0(0) ack 2");
    }

    @Test
    @Tag("MUST-26")
    void nothingIsProbedWhileTextIsInFlight() {
        settings = TracedSettings.keepaliveSeconds(1);
        established();
        write(10);
        ignoreSent();
        afterSeconds(20);
        assertThat(wire.sent)
                .isNotEmpty()
                .allMatch(sent -> sent.segment().toString().startsWith("P. 1:11(10)"));
        assertThat(wire.stack.counters().keepaliveProbes).isZero();
        ignoreSent();
    }

    @Test
    @Tag("MUST-29")
    void oneLostProbeIsNotDeathButNineAre() {
        settings = TracedSettings.keepaliveSeconds(100);
        established();
        expectAfterMillis(100_000, 100_100, ". 0:0(0) ack 1");
        for (int i = 1; i < 9; i++) {
            expectAfterMillis(75_000, 75_100, ". 0:0(0) ack 1");
            assertState(TcpState.ESTABLISHED);
        }
        afterSeconds(76);
        assertFailed(TcpFailure.TIMED_OUT);
        assertThat(told(TcpEvents.CLOSED)).isTrue();
    }

    @Test
    void aProbeOfThePeersIsAnswered() {
        established();
        peer(". 0:0(0) ack 1");
        expect(". 1:1(0) ack 1");
    }

    @Test
    @Tag("MAY-6")
    void aProbeOfThePeersWithAnOctetIsAnswered() {
        established();
        peer(". 0:1(1) ack 1");
        expect(". 1:1(0) ack 1");
        read(0);
    }
}
