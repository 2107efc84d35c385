package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Peers that do not answer (RFC 9293, 3.8.3). */
class FailureTracesTest extends TraceTest {
    @Test
    @Tag("MUST-20")
    @Tag("SHLD-11")
    void afterR2TheConnectionEnds() {
        assertThat(TcpSettings.DEFAULTS.userTimeoutNanos())
                .isGreaterThanOrEqualTo(100_000_000_000L);
        established();
        write(10);
        afterSeconds(100);
        assertState(TcpState.ESTABLISHED);
        afterSeconds(100);
        assertFailed(TcpFailure.TIMED_OUT);
        assertThat(told(TcpEvents.CLOSED)).isTrue();
        ignoreSent();
    }

    @Test
    @Tag("SHLD-10")
    void whereLargeSegmentsArriveOneThatDoesNotIsNoSignOfASmallerPath() {
        established("mss 1000, sackOK");
        write(3000);
        ignoreSent();
        peer(". 1:1(0) ack 1 win 10000 <sack 1001:2001>");
        while (connection.recovery.consecutiveTimeouts() < 5) {
            ignoreSent();
            assertThat(wire.advanceUntilSent(100_000_000_000L)).isTrue();
        }
        assertThat(wire.suspicions).isZero();
        ignoreSent();
        assertThat(wire.advanceUntilSent(100_000_000_000L)).isTrue();
        assertThat(wire.suspicions).as("after twice as many").isEqualTo(1);
        ignoreSent();
    }

    @Test
    @Tag("MUST-20")
    @Tag("SHLD-10")
    void afterR1IpIsAdvised() {
        established();
        write(3000); // only a full segment can be too large for the path
        while (wire.suspicions == 0) {
            ignoreSent();
            assertThat(wire.advanceUntilSent(100_000_000_000L)).isTrue();
        }
        assertThat(wire.stack.counters().timeouts).isGreaterThanOrEqualTo(3);
        assertState(TcpState.ESTABLISHED);
        ignoreSent();
    }

    @Test
    @Tag("MUST-21")
    void r2CanBeSet() {
        settings = TracedSettings.userTimeoutSeconds(10);
        established();
        write(10);
        afterSeconds(9);
        assertState(TcpState.ESTABLISHED);
        afterSeconds(20);
        assertFailed(TcpFailure.TIMED_OUT);
        ignoreSent();
    }

    @Test
    @Tag("MUST-22")
    @Tag("MUST-23")
    void aSynIsRepeatedForThreeMinutes() {
        synSent();
        afterSeconds(179);
        assertState(TcpState.SYN_SENT);
        afterSeconds(2);
        assertFailed(TcpFailure.TIMED_OUT);
        assertThat(wire.sent).hasSizeGreaterThanOrEqualTo(6);
        ignoreSent();
    }

    @Test
    @Tag("MUST-23")
    void aHalfOpenConnectionIsReapedAfter63Seconds() {
        synReceived();
        afterSeconds(62);
        assertState(TcpState.SYN_RECEIVED);
        afterSeconds(2);
        assertFailed(TcpFailure.TIMED_OUT);
        assertThat(wire.stack.counters().halfOpenReaped).isEqualTo(1);
        assertThat(listener.halfOpenCount()).isZero();
        ignoreSent();
    }

    @Test
    @Tag("MUST-18")
    @Tag("MUST-19")
    void timeoutsDoubleUntilSomethingNewIsAcknowledged() {
        established();
        write(10);
        expect("P. 1:11(10) ack 1");
        expectAfterMillis(290, 310, "P. 1:11(10) ack 1");
        expectAfterMillis(590, 610, "P. 1:11(10) ack 1");
        expectAfterMillis(1190, 1210, "P. 1:11(10) ack 1");
        expectAfterMillis(2390, 2410, "P. 1:11(10) ack 1");
        peer(". 1:1(0) ack 11 win 10000");
        assertState(TcpState.ESTABLISHED);
    }

    @Test
    @Tag("MUST-19")
    void slowStartBeginsWithTenSegments() {
        established("mss 1000, wscale 7");
        peer(". 1:1(0) ack 1 win 10000");
        write(100_000);
        assertThat(wire.sent).hasSize(10);
        ignoreSent();
        afterMillis(100);
        peer(". 1:1(0) ack 2001 win 10000");
        assertThat(wire.sent).hasSize(4);
        ignoreSent();
    }
}
