package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** ESTABLISHED: sequence numbers, text, resets (RFC 9293, 3.10.7.4; RFC 5961). */
class EstablishedTracesTest extends TraceTest {
    private static final int WINDOW = 57_344;

    @Test
    void textInOrderIsReadAndAcknowledged() {
        established();
        peer("P. 1:101(100) ack 1");
        expect(". 1:1(0) ack 101");
        assertThat(told(TcpEvents.READABLE)).isTrue();
        read(100);
    }

    @Test
    void textAfterAGapWaitsForIt() {
        established();
        peer("P. 11:21(10) ack 1");
        expect(". 1:1(0) ack 1");
        read(0);
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 21");
        read(20);
    }

    @Test
    void textThatBeginsBeforeWhatIsExpectedIsReadFromThere() {
        established();
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11");
        peer("P. 6:21(15) ack 1");
        expect(". 1:1(0) ack 21");
        read(20);
    }

    @Test
    void textBeyondTheWindowIsCutOff() {
        established();
        int edge = WINDOW + 1;
        peer(segment("P.", edge - 10, 20) + " ack 1");
        expect(". 1:1(0) ack 1");
        assertThat(connection.reassembly.charged()).isPositive();
        peer(segment("P.", edge, 20) + " ack 1");
        expect(". 1:1(0) ack 1");
        assertThat(wire.stack.counters().outOfWindow).isEqualTo(1);
    }

    @Test
    void anOldSegmentIsAnsweredWithWhereWeAre() {
        established();
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11");
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11");
        read(10);
    }

    @Test
    void aSegmentWithoutAcknowledgmentIsDropped() {
        established();
        peer("P 1:11(10)");
        read(0);
    }

    @Test
    void anAcknowledgmentThatSaysNothingNewIsNotAnswered() {
        established();
        peer(". 1:1(0) ack 1 win 10000");
        peer(". 1:1(0) ack 1 win 9000");
        expectNothing();
        assertThat(connection.send.window()).isEqualTo(9000);
    }

    @Test
    void aWindowOfAnOlderSegmentIsNotTaken() {
        established();
        peer("P. 1:11(10) ack 1 win 9000");
        expect(". 1:1(0) ack 11");
        peer(". 1:1(0) ack 1 win 5000");
        assertThat(connection.send.window()).isEqualTo(9000);
        ignoreSent();
        read(10);
    }

    @Test
    @Tag("MUST-12")
    void aResetAtTheNextNumberEndsTheConnection() {
        established();
        peer("R 1:1(0)");
        assertFailed(TcpFailure.RESET);
        assertThat(told(TcpEvents.CLOSED)).isTrue();
    }

    @Test
    @Tag("MAY-12")
    void aResetElsewhereInTheWindowIsChallenged() {
        established();
        peer("R 2:2(0)");
        expect(". 1:1(0) ack 1");
        afterSeconds(1);
        peer(segment("R", WINDOW, 0));
        expect(". 1:1(0) ack 1");
        afterSeconds(1);
        peer(segment("R", WINDOW + 1, 0), "R 0:0(0)");
        expectNothing();
        assertState(TcpState.ESTABLISHED);
    }

    @Test
    @Tag("MAY-12")
    void aSynIsChallengedWhereverItStands() {
        established();
        for (int sequence : new int[] {-5, 0, 1, 2, WINDOW, WINDOW + 1}) {
            peer(segment("S", sequence, 0));
            expect(". 1:1(0) ack 1");
            afterSeconds(1);
        }
        assertState(TcpState.ESTABLISHED);
    }

    @Test
    @Tag("MAY-12")
    void anAcknowledgmentOfWhatWasNeverSentIsChallengedAndItsTextDropped() {
        established();
        peer("P. 1:11(10) ack 2");
        expect(". 1:1(0) ack 1");
        afterSeconds(1);
        peer(segment("P.", 1, 10) + " ack -10000");
        expect(". 1:1(0) ack 1");
        read(0);
        peer(segment("P.", 1, 10) + " ack -9999");
        expect(". 1:1(0) ack 11");
        read(10);
    }

    @Test
    @Tag("MAY-12")
    void challengesAreLimited() {
        established();
        for (int i = 0; i < 10; i++) {
            peer("R 2:2(0)");
        }
        expect(". 1:1(0) ack 1");
        expectNothing();
        assertThat(wire.stack.counters().challengeAcksSuppressed).isEqualTo(9);
    }

    @Test
    @Tag("SHLD-2")
    void aResetMayCarryText() {
        established();
        peer("R. 1:11(10) ack 1");
        assertFailed(TcpFailure.RESET);
    }

    @Test
    @Tag("MUST-5")
    @Tag("MUST-6")
    void optionsMayComeInAnySegmentAndUnknownOnesAreIgnored() {
        established();
        peer("P. 1:11(10) ack 1 <nop, raw fd04abcd, nop, raw fe02>");
        expect(". 1:1(0) ack 11");
        read(10);
    }

    @Test
    @Tag("MUST-7")
    void anImpossibleOptionDoesNoHarm() {
        established();
        peer("P. 1:11(10) ack 1 <raw 0200>", "P. 11:21(10) ack 1 <raw fdff0000>");
        expect(". 1:1(0) ack 21");
        read(20);
    }

    @Test
    @Tag("MUST-65")
    void aSegmentSizeElsewhereThanInASynIsIgnored() {
        established();
        peer("P. 1:11(10) ack 1 <mss 100>");
        expect(". 1:1(0) ack 11 <>");
        assertThat(connection.segmentBytes).isEqualTo(1000);
        read(10);
    }

    @Test
    @Tag("MUST-61")
    void theLastSegmentOfWhatIsQueuedIsPushed() {
        established();
        write(2500);
        expect(". 1:1001(1000) ack 1", ". 1001:2001(1000) ack 1", "P. 2001:2501(500) ack 1");
    }

    @Test
    @Tag("MUST-60")
    void nothingWaitsForAPush() {
        established();
        write(1);
        expect("P. 1:2(1) ack 1");
        write(1);
        expect("P. 2:3(1) ack 1");
    }

    @Test
    @Tag("SHLD-28")
    void manySmallWritesMakeFullSegments() {
        synSent();
        for (int i = 0; i < 30; i++) {
            write(100);
        }
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect(". 1:1001(1000) ack 1", ". 1001:2001(1000) ack 1", "P. 2001:3001(1000) ack 1");
    }
}
