package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is sent again, and when (RFC 9293, 3.8; RFC 5681, RFC 6298). */
class RetransmissionTracesTest extends TraceTest {
    private void fiveInFlight(String options) {
        established(options);
        write(5000);
        assertThat(wire.sent).hasSize(5);
        ignoreSent();
        afterMillis(100);
    }

    @Test
    @Tag("MUST-19")
    void threeDuplicateAcknowledgmentsMakeAFastRetransmission() {
        fiveInFlight("mss 1000");
        peer(". 1:1(0) ack 1 win 10000", ". 1:1(0) ack 1 win 10000");
        expectNothing();
        peer(". 1:1(0) ack 1 win 10000");
        expect(". 1:1001(1000) ack 1");
        peer(". 1:1(0) ack 5001 win 10000");
    }

    @Test
    void aFullWindowOfLossIsRepairedByTheTimer() {
        fiveInFlight("mss 1000");
        afterMillis(5000);
        assertThat(wire.sent).isNotEmpty();
        ignoreSent();
        peer(". 1:1(0) ack 5001 win 10000");
        assertThat(connection.inFlight()).isZero();
        write(10);
        expect("P. 5001:5011(10) ack 1");
    }

    @Test
    void aFinIsSentAgainWithTheTextBeforeIt() {
        established();
        write(10);
        expect("P. 1:11(10) ack 1");
        closeOutput();
        expect("F. 11:11(0) ack 1");
        afterMillis(250);
        ignoreSent();
        peer(". 1:1(0) ack 11 win 10000");
        expectAfterMillis(1, 2000, "F. 11:11(0) ack 1");
    }

    @Test
    @Tag("MUST-20")
    void aFinThatIsNeverAcknowledgedEndsTheConnection() {
        lastAck();
        afterSeconds(200);
        assertFailed(TcpFailure.TIMED_OUT);
        ignoreSent();
    }

    @Test
    @Tag("MUST-20")
    void soItIsInClosing() {
        closing();
        afterSeconds(200);
        assertFailed(TcpFailure.TIMED_OUT);
        ignoreSent();
    }
}
