package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What TCP tells its user beside the stream: trouble, and what ICMP says (RFC 9293, 3.9.2.2). */
class TroubleTracesTest extends TraceTest {
    private void unreachable(Unreachable reason, int sequence) {
        wire.stack.onUnreachable(
                wire.now,
                reason,
                TracedStack.LOCAL.high(),
                TracedStack.LOCAL.low(),
                wire.remote.high(),
                wire.remote.low(),
                Flow.ports(wire.localPort, wire.remotePort),
                wire.origin + sequence);
        send();
    }

    @Test
    @Tag("MUST-54")
    @Tag("MUST-56")
    @Tag("MUST-47")
    @Tag("SHLD-25")
    void anErrorThatMayPassEndsNothingButIsTold() {
        established();
        write(10);
        expect("P. 1:11(10) ack 1");
        unreachable(Unreachable.FOR_NOW, 1);
        assertState(TcpState.ESTABLISHED);
        assertThat(told(TcpEvents.TROUBLE)).isTrue();
        assertThat(connection.trouble()).isEqualTo(TcpFailure.HOST_UNREACHABLE);
        peer(". 1:1(0) ack 11");
        assertThat(connection.trouble()).isEqualTo(TcpFailure.NONE);
    }

    @Test
    @Tag("MUST-56")
    void anErrorThatMayPassDoesNotEndAHandshakeEither() {
        synSent();
        unreachable(Unreachable.FOR_NOW, 0);
        assertState(TcpState.SYN_SENT);
        afterSeconds(3);
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        assertState(TcpState.ESTABLISHED);
        ignoreSent();
    }

    @Test
    @Tag("SHLD-25")
    void anErrorThatDoesNotPassIsTheReasonOfTheTimeout() {
        synSent();
        unreachable(Unreachable.FOR_NOW, 0);
        afterSeconds(181);
        assertThat(connection.failure()).isEqualTo(TcpFailure.HOST_UNREACHABLE);
        ignoreSent();
    }

    @Test
    @Tag("SHLD-26")
    void anErrorForGoodEndsAHandshake() {
        synSent();
        unreachable(Unreachable.PORT, 0);
        assertFailed(TcpFailure.REFUSED);
    }

    @Test
    @Tag("SHLD-26")
    void anErrorForGoodEndsNoEstablishedConnectionForItMayBeForged() {
        established();
        write(10);
        ignoreSent();
        unreachable(Unreachable.PORT, 1);
        assertState(TcpState.ESTABLISHED);
        assertThat(connection.trouble()).isEqualTo(TcpFailure.REFUSED);
    }

    @Test
    @Tag("MUST-54")
    void anErrorAboutWhatIsNotInFlightIsForged() {
        established();
        write(10);
        ignoreSent();
        unreachable(Unreachable.FOR_NOW, 0);
        unreachable(Unreachable.FOR_NOW, 11);
        assertThat(told(TcpEvents.TROUBLE)).isFalse();
        assertThat(wire.stack.counters().implausibleErrors).isEqualTo(2);
    }

    @Test
    @Tag("MUST-54")
    @Tag("SHLD-6")
    void aSmallerPathMakesSmallerSegments() {
        established("mss 1460");
        write(1460);
        expect("P. 1:1461(1460) ack 1");
        wire.pathMtu = 1000;
        unreachable(Unreachable.TOO_LARGE, 1);
        ignoreSent();
        peer(". 1:1(0) ack 1461 win 10000");
        write(1000);
        expect(". 1461:2421(960) ack 1", "P. 2421:2461(40) ack 1");
    }

    @Test
    @Tag("MUST-54")
    @Tag("SHLD-6")
    void whatWasTooLargeIsSentAgainAtOnceAndTheWindowStays() {
        established("mss 1460, sackOK");
        write(10);
        peer(". 1:1(0) ack 11 win 10000");
        write(3 * 1460 + 500);
        ignoreSent();
        int window = connection.congestion.window();
        wire.pathMtu = 1000;
        unreachable(Unreachable.TOO_LARGE, 1471);
        send();
        expect(
                ". 11:971(960) ack 1",
                ". 971:1931(960) ack 1",
                ". 1931:2891(960) ack 1",
                ". 2891:3851(960) ack 1",
                ". 3851:4391(540) ack 1");
        unreachable(Unreachable.TOO_LARGE, 2931);
        send();
        expectNothing(); // what fits is on its way
        assertThat(connection.congestion.window()).isEqualTo(window);
        peer(". 1:1(0) ack 4891 win 10000");
        assertThat(connection.recovery.phase()).isEqualTo(RecoveryPhase.OPEN);
        assertThat(connection.congestion.window()).isGreaterThanOrEqualTo(window);
        assertThat(connection.recovery.counters().timeouts).isZero();
    }

    @Test
    @Tag("SHLD-6")
    void afterSomeTimeLargerSegmentsAreTriedAgain() {
        established("mss 1460");
        write(1460);
        ignoreSent();
        wire.pathMtu = 1000;
        wire.pathMtuRaisesAt = wire.now + TimeUnit.MINUTES.toNanos(10);
        unreachable(Unreachable.TOO_LARGE, 1);
        send();
        ignoreSent();
        peer(". 1:1(0) ack 1461 win 10000");
        afterSeconds(599);
        write(1000);
        expect(". 1461:2421(960) ack 1", "P. 2421:2461(40) ack 1");
        peer(". 1:1(0) ack 2461 win 10000");
        afterSeconds(1);
        wire.pathMtu = 1500;
        wire.pathMtuRaisesAt = Long.MAX_VALUE;
        write(1460);
        expect("P. 2461:3921(1460) ack 1");
        peer(". 1:1(0) ack 3921 win 10000");
    }

    @Test
    @Tag("SHLD-9")
    @Tag("SHLD-10")
    @Tag("SHLD-20")
    void threeTransmissionsInVainAreTold() {
        established();
        write(10);
        int transmissions = 0;
        while (!told(TcpEvents.TROUBLE)) {
            transmissions += wire.sent.size();
            ignoreSent();
            afterMillis(10);
        }
        transmissions += wire.sent.size();
        ignoreSent();
        assertThat(transmissions).isBetween(3, 6);
        assertThat(connection.trouble()).isEqualTo(TcpFailure.TIMED_OUT);
        assertState(TcpState.ESTABLISHED);
    }

    @Test
    @Tag("MUST-22")
    @Tag("SHLD-9")
    void threeSynsInVainAreToldToo() {
        synSent();
        afterMillis(6900);
        assertThat(told(TcpEvents.TROUBLE)).isFalse();
        afterMillis(200);
        assertThat(told(TcpEvents.TROUBLE)).isTrue();
        assertState(TcpState.SYN_SENT);
        ignoreSent();
    }

    @Test
    @Tag("MUST-48")
    @Tag("SHLD-21")
    @Tag("SHLD-22")
    void differentiatedServicesAreForTheUserToSet() {
        established();
        connection.differentiatedServices(46);
        write(10);
        assertThat(wire.sent.poll().trafficClass()).isEqualTo(46 << 2);
        connection.differentiatedServices(0);
        write(10);
        assertThat(wire.sent.poll().trafficClass()).isZero();
    }
}
