package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The peer's window: what is sent when it is small, closed, or shrinks (RFC 9293, 3.8.6). */
class SendWindowTracesTest extends TraceTest {
    /** An established connection to a peer whose window is closed. */
    private void atZeroWindow() {
        established();
        peer(". 1:1(0) ack 1 win 0");
    }

    @Test
    void nothingIsSentBeyondTheWindow() {
        established();
        peer(". 1:1(0) ack 1 win 2000");
        write(3000);
        expect(". 1:1001(1000) ack 1", ". 1001:2001(1000) ack 1");
        peer(". 1:1(0) ack 2001 win 2000");
        expect("P. 2001:3001(1000) ack 1");
    }

    @Test
    @Tag("MUST-35")
    @Tag("MUST-36")
    @Tag("SHLD-29")
    @Tag("SHLD-30")
    void aClosedWindowIsProbedAfterOneTimeoutAndThenEverMoreSeldom() {
        atZeroWindow();
        write(10);
        expectAfterMillis(290, 320, ". 1:2(1) ack 1");
        expectAfterMillis(590, 640, ". 1:2(1) ack 1");
        expectAfterMillis(1190, 1250, ". 1:2(1) ack 1");
        expectAfterMillis(2390, 2450, ". 1:2(1) ack 1");
    }

    @Test
    @Tag("MUST-36")
    void anAnswerThatOpensTheWindowLetsTextThrough() {
        atZeroWindow();
        write(10);
        expectAfterMillis(290, 320, ". 1:2(1) ack 1");
        peer(". 1:1(0) ack 1 win 10000");
        expect("P. 1:11(10) ack 1");
    }

    @Test
    @Tag("MUST-36")
    void aPeerMayTakeTheProbe() {
        atZeroWindow();
        write(10);
        expectAfterMillis(290, 320, ". 1:2(1) ack 1");
        peer(". 1:1(0) ack 2 win 10000");
        expect("P. 2:11(9) ack 1");
        peer(". 1:1(0) ack 11 win 10000");
    }

    @Test
    void aFinIsAProbeToo() {
        atZeroWindow();
        closeOutput();
        expectAfterMillis(290, 320, "F. 1:1(0) ack 1");
        peer(". 1:1(0) ack 2 win 0");
        assertState(TcpState.FIN_WAIT_2);
    }

    @Test
    @Tag("MUST-37")
    @Tag("MAY-8")
    void aPeerThatAnswersKeepsAClosedWindowOpenForHours() {
        atZeroWindow();
        write(10);
        for (int i = 0; i < 200; i++) {
            expectAfterMillis(200, 61_000, ". 1:2(1) ack 1");
            peer(". 1:1(0) ack 1 win 0");
        }
        assertState(TcpState.ESTABLISHED);
    }

    private void probedForLong() {
        atZeroWindow();
        write(3000);
        for (int i = 0; i < 20; i++) {
            expectAfterMillis(200, 61_000, ". 1:2(1) ack 1");
            peer(". 1:1(0) ack 1 win 0");
        }
    }

    @Test
    void afterManyProbesAnUpdateLetsAllOutAtOnce() {
        probedForLong();
        peer(". 1:1(0) ack 1 win 10000");
        expect(". 1:1001(1000) ack 1", ". 1001:2001(1000) ack 1", "P. 2001:3001(1000) ack 1");
        expectAfterMillis(290, 310, ". 1:1001(1000) ack 1");
        peer(". 1:1(0) ack 3001 win 10000");
    }

    @Test
    void ifTheUpdateWasLostTheNextProbeBringsIt() {
        probedForLong();
        expectAfterMillis(50_000, 61_000, ". 1:2(1) ack 1");
        peer(". 1:1(0) ack 2 win 10000");
        expect(". 2:1002(1000) ack 1", ". 1002:2002(1000) ack 1", "P. 2002:3001(999) ack 1");
        peer(". 1:1(0) ack 3001 win 0");
        write(10);
        expectAfterMillis(290, 310, ". 3001:3002(1) ack 1");
    }

    @Test
    void whatThePeerThrewAwayWhileItsWindowWasClosedIsSentAgainWhenItOpens() {
        established();
        write(3000);
        ignoreSent();
        peer(". 1:1(0) ack 1001 win 0");
        for (int i = 0; i < 8; i++) {
            expectAfterMillis(200, 61_000, ". 1001:2001(1000) ack 1");
            peer(". 1:1(0) ack 1001 win 0");
        }
        peer(". 1:1(0) ack 1001 win 10000");
        expect(". 1001:2001(1000) ack 1");
        peer(". 1:1(0) ack 1001 win 0", ". 1:1(0) ack 1001 win 10000");
        expectNothing(); // once for each time that the timer had to wait
        expectAfterMillis(290, 310, ". 1001:2001(1000) ack 1");
        peer(". 1:1(0) ack 2001 win 10000");
        expect("P. 2001:3001(1000) ack 1");
        peer(". 1:1(0) ack 3001 win 10000");
    }

    @Test
    void aPeerThatDoesNotAnswerProbesIsGone() {
        settings = TracedSettings.userTimeoutSeconds(100);
        atZeroWindow();
        write(10);
        afterSeconds(90);
        assertState(TcpState.ESTABLISHED);
        afterSeconds(90);
        assertFailed(TcpFailure.TIMED_OUT);
        ignoreSent();
    }

    @Test
    @Tag("MUST-34")
    @Tag("SHLD-15")
    @Tag("SHLD-16")
    void afterTheWindowHasShrunkNothingNewIsSentButWhatWasIsSentAgain() {
        established();
        write(4000);
        expect(
                ". 1:1001(1000) ack 1",
                ". 1001:2001(1000) ack 1",
                ". 2001:3001(1000) ack 1",
                "P. 3001:4001(1000) ack 1");
        peer(". 1:1(0) ack 1001 win 1000");
        write(1000);
        expectNothing();
        expectAfterMillis(100, 1000, ". 1001:2001(1000) ack 1");
        afterMillis(1000);
        ignoreSent();
        assertState(TcpState.ESTABLISHED);
        peer(". 1:1(0) ack 4001 win 10000");
        expect("P. 4001:5001(1000) ack 1");
    }

    @Test
    @Tag("MAY-7")
    void whatIsBeyondAShrunkenWindowMayBeSentAgain() {
        established();
        write(2000);
        ignoreSent();
        peer(". 1:1(0) ack 1001 win 0");
        expectAfterMillis(100, 1000, "P. 1001:2001(1000) ack 1");
    }

    @Test
    @Tag("MUST-37")
    @Tag("SHLD-17")
    void whatIsBeyondAShrunkenWindowDoesNotTimeOutWhileThePeerAnswers() {
        established();
        write(1000);
        ignoreSent();
        peer(". 1:1(0) ack 1 win 0");
        for (int i = 0; i < 100; i++) {
            afterSeconds(10);
            if (!wire.sent.isEmpty()) {
                peer(". 1:1(0) ack 1 win 0");
            }
            ignoreSent();
        }
        assertState(TcpState.ESTABLISHED);
        assertThat(wire.suspicions).as("of the path's MTU").isZero();
        peer(". 1:1(0) ack 1 win 10000");
        afterSeconds(120);
        peer(". 1:1(0) ack 1001 win 10000");
        assertState(TcpState.ESTABLISHED);
        ignoreSent();
    }

    @Test
    @Tag("MUST-38")
    void aSmallPartOfAWindowIsNotUsed() {
        established();
        peer(". 1:1(0) ack 1 win 100");
        write(1000);
        expectNothing();
        peer(". 1:1(0) ack 1 win 10000");
        expect("P. 1:1001(1000) ack 1");
    }

    @Test
    @Tag("MUST-38")
    void aPeerWithASmallBufferGetsHalfOfIt() {
        synSent();
        peer("S. 0:0(0) ack 1 win 800 <mss 1000>");
        expect(". 1:1(0) ack 1");
        write(2000);
        expect(". 1:801(800) ack 1");
        peer(". 1:1(0) ack 801 win 300");
        expectNothing();
        peer(". 1:1(0) ack 801 win 400");
        expect(". 801:1201(400) ack 1");
    }

    @Test
    @Tag("MUST-38")
    void theTimerOverridesTheAvoidanceOfSillyWindows() {
        established();
        peer(". 1:1(0) ack 1 win 100");
        write(1000);
        expectAfterMillis(290, 320, ". 1:101(100) ack 1");
    }

    @Test
    @Tag("SHLD-7")
    void naglesAlgorithmLetsOneSmallSegmentBeInFlight() {
        settings = TracedSettings.nagle();
        established();
        write(10);
        expect("P. 1:11(10) ack 1");
        write(10);
        write(10);
        expectNothing();
        peer(". 1:1(0) ack 11 win 10000");
        expect("P. 11:31(20) ack 1");
    }

    @Test
    @Tag("SHLD-7")
    void naglesAlgorithmDoesNotHoldFullSegments() {
        settings = TracedSettings.nagle();
        established();
        write(10);
        expect("P. 1:11(10) ack 1");
        write(1500);
        expect(". 11:1011(1000) ack 1");
        closeOutput();
        expect("FP. 1011:1511(500) ack 1");
    }

    @Test
    @Tag("MUST-17")
    void naglesAlgorithmCanBeOff() {
        assertThat(TcpSettings.DEFAULTS.nagle()).isFalse();
        established();
        write(10);
        expect("P. 1:11(10) ack 1");
        write(10);
        expect("P. 11:21(10) ack 1");
    }

    @Test
    @Tag("MUST-1")
    @Tag("REC-1")
    void windowsAreUnsigned() {
        established("mss 1000, wscale 14");
        peer(". 1:1(0) ack 1 win 65535");
        assertThat(connection.send.window()).isEqualTo(65_535 << 14).isPositive();
        write(1000);
        expect("P. 1:1001(1000) ack 1");
    }
}
