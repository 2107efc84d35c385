package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Segments for which there is no connection (RFC 9293, 3.10.7.1 and 3.10.7.2). */
class ResetTracesTest extends TraceTest {
    @Test
    void aSynWhereNobodyListensIsReset() {
        peer("S 7:7(0)");
        expect("R. 0:0(0) ack 8 win 0 <>");
    }

    @Test
    void theResetAcknowledgesAllThatTheSegmentHad() {
        peer("SF 7:17(10)");
        expect("R. 0:0(0) ack 19");
        peer("- 7:17(10)");
        expect("R. 0:0(0) ack 17");
    }

    @Test
    void theResetOfAnAcknowledgmentHasItsNumber() {
        peer(". 7:7(0) ack 99");
        expect("R 99:99(0) win 0 <>");
        peer("S. 7:17(10) ack 99");
        expect("R 99:99(0)");
    }

    @Test
    void aResetIsNeverAnswered() {
        peer("R 7:7(0)", "R. 7:7(0) ack 1", "SR 7:7(0)", "FR. 7:17(10) ack 9");
        listen();
        peer("R 7:7(0)", "R. 7:7(0) ack 1", "SR 7:7(0)", "FR. 7:17(10) ack 9");
        expectNothing();
    }

    @Test
    void aListenerResetsAnAcknowledgmentOfNothing() {
        listen();
        peer(". 7:7(0) ack 99");
        expect("R 99:99(0)");
        peer("S. 7:7(0) ack 99");
        expect("R 99:99(0)");
    }

    @Test
    void aListenerDropsWhatIsNeitherASynNorAnAcknowledgment() {
        listen();
        peer("F 7:7(0)", "P 7:17(10)", "- 7:7(0)");
        expectNothing();
        assertThat(wire.stack.connections()).isEmpty();
    }

    @Test
    void resetsAreLimited() {
        for (int i = 0; i < 3000; i++) {
            peer("S 7:7(0)");
        }
        assertThat(wire.sent).hasSizeBetween(500, 1500);
        ignoreSent();
    }

    @Test
    void anAbortTellsThePeer() {
        established();
        write(10);
        expect("P. 1:11(10) ack 1");
        abort();
        expect("R. 11:11(0) ack 1");
        assertFailed(TcpFailure.ABORTED);
        peer(". 1:1(0) ack 11");
        expect("R 11:11(0)");
    }
}
