package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Our window and our acknowledgments (RFC 9293, 3.8.6 and 3.10.7.4; RFC 5681, 4.2). */
class AcknowledgmentTracesTest extends TraceTest {
    private static final int WINDOW = 3584;

    /** A connection whose window is 3584 bytes, and full. */
    private void atClosedWindow() {
        settings = TracedSettings.receiveBytesMax(8192);
        established();
        peer(
                ". 1:1001(1000) ack 1",
                ". 1001:2001(1000) ack 1",
                ". 2001:3001(1000) ack 1",
                "P. 3001:3585(584) ack 1");
        expect(". 1:1(0) ack 3585 win 0");
    }

    @Test
    @Tag("MUST-40")
    @Tag("SHLD-18")
    void anAcknowledgmentWaitsFor40MillisecondsAtMost() {
        establishedForAWhile();
        peer("P. 17:27(10) ack 1");
        expectAfterMillis(39, 41, ". 1:1(0) ack 27");
    }

    @Test
    @Tag("SHLD-19")
    void everySecondFullSegmentIsAcknowledged() {
        establishedForAWhile();
        for (int i = 0; i < 5; i++) {
            int first = 17 + i * 2000;
            peer(segment(".", first, 1000) + " ack 1");
            expectNothing();
            peer(segment(".", first + 1000, 1000) + " ack 1");
            expect(". 1:1(0) ack " + (first + 2000));
        }
        read(10_000);
        ignoreSent();
    }

    @Test
    @Tag("MUST-58")
    @Tag("MUST-59")
    void aBatchIsAcknowledgedOnceAfterAllOfIt() {
        established();
        peer(". 1:1001(1000) ack 1", ". 1001:2001(1000) ack 1", "P. 2001:3001(1000) ack 1");
        expect(". 1:1(0) ack 3001");
    }

    @Test
    @Tag("SHLD-18")
    void anAnswerCarriesTheAcknowledgment() {
        establishedForAWhile();
        peer("P. 17:27(10) ack 1");
        write(5);
        expect("P. 1:6(5) ack 27");
        afterMillis(100);
        expectNothing();
    }

    @Test
    @Tag("MAY-13")
    @Tag("SHLD-31")
    void eachSegmentOutOfOrderIsAcknowledgedAtOnce() {
        establishedForAWhile();
        peer("P. 1017:2017(1000) ack 1", "P. 2017:3017(1000) ack 1", "P. 3017:4017(1000) ack 1");
        expect(". 1:1(0) ack 17", ". 1:1(0) ack 17", ". 1:1(0) ack 17");
        peer(". 17:1017(1000) ack 1");
        expect(". 1:1(0) ack 4017");
        read(4000);
        ignoreSent();
    }

    @Test
    @Tag("MAY-13")
    void withSackOneAcknowledgmentTellsAllThatIsOutOfOrder() {
        established("mss 1000, sackOK");
        peer("P. 11:21(10) ack 1", "P. 31:41(10) ack 1");
        expect(". 1:1(0) ack 1 <sack 31:41 11:21>");
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 21 <sack 31:41>");
        read(20);
    }

    @Test
    void whatArrivesTwiceIsToldByDuplicateSack() {
        established("mss 1000, sackOK");
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11 <>");
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11 <sack 1:11>");
        read(10);
    }

    @Test
    @Tag("MUST-66")
    void atAClosedWindowAcknowledgmentsCount() {
        atClosedWindow();
        write(10);
        expect("P. 1:11(10) ack 3585 win 0");
        peer("P. 3585:3595(10) ack 11 win 777");
        expect(". 11:11(0) ack 3585 win 0");
        assertThat(connection.inFlight()).isZero();
        assertThat(connection.send.window()).isEqualTo(777);
    }

    @Test
    @Tag("MUST-66")
    void atAClosedWindowAnUrgentPointerCounts() {
        atClosedWindow();
        peer("PU. 3585:3595(10) ack 1 urg 10");
        expect(". 1:1(0) ack 3585 win 0");
        assertThat(told(TcpEvents.URGENT)).isTrue();
    }

    @Test
    @Tag("MUST-66")
    void atAClosedWindowAResetCounts() {
        atClosedWindow();
        peer("R. 3585:3595(10) ack 1");
        assertFailed(TcpFailure.RESET);
    }

    @Test
    void aWindowProbeIsAnswered() {
        atClosedWindow();
        for (int i = 0; i < 5; i++) {
            peer(". 3585:3586(1) ack 1");
            expect(". 1:1(0) ack 3585 win 0");
        }
    }

    @Test
    void aPeerThatProbesWithAnOldNumberIsAnswered() {
        atClosedWindow();
        peer(". 3584:3584(0) ack 1");
        expect(". 1:1(0) ack 3585 win 0");
    }

    @Test
    @Tag("MUST-39")
    void theWindowOpensWithAnUpdateWhenItIsWorthIt() {
        atClosedWindow();
        read(3584);
        assertThat(wire.sent).hasSize(1);
        assertThat(wire.sent.peek().segment().acknowledgment()).isEqualTo(3585);
        assertThat(wire.sent.poll().segment().window()).isGreaterThanOrEqualTo(WINDOW / 2);
    }

    @Test
    @Tag("SHLD-14")
    void theRightEdgeNeverMovesBack() {
        settings = TracedSettings.receiveBytesMax(8192);
        established();
        int edge = 1 + WINDOW;
        for (int i = 0; i < 3; i++) {
            peer(segment(".", 1 + i * 700, 700) + " ack 1");
            TracedSegment answer = wire.sent.poll().segment();
            assertThat(answer.acknowledgment() + answer.window()).isGreaterThanOrEqualTo(edge);
            edge = answer.acknowledgment() + answer.window();
        }
    }
}
