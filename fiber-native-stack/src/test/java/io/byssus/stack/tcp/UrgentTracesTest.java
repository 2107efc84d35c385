package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Urgent data (RFC 9293, 3.8.5), which new applications should not use. */
class UrgentTracesTest extends TraceTest {
    @Test
    @Tag("MUST-30")
    @Tag("MUST-62")
    void thePointerIsTheNumberAfterTheUrgentData() {
        established();
        connection.send(wire.buffers.of(QueueBuffers.numbered(0, 10)));
        connection.markUrgent();
        send();
        expect("PU. 1:11(10) ack 1 urg 10");
    }

    @Test
    @Tag("MUST-31")
    void urgentDataMayBeOfAnyLength() {
        established();
        connection.send(wire.buffers.of(QueueBuffers.numbered(0, 2500)));
        connection.markUrgent();
        send();
        expect(
                "U. 1:1001(1000) ack 1 urg 2500",
                "U. 1001:2001(1000) ack 1 urg 1500",
                "PU. 2001:2501(500) ack 1 urg 500");
        peer(". 1:1(0) ack 2501 win 10000");
        connection.send(wire.buffers.of(QueueBuffers.numbered(2500, 10)));
        send();
        expect("P. 2501:2511(10) ack 1");
    }

    @Test
    @Tag("MUST-31")
    void aPointerThatIsTooFarAwayPointsAsFarAsItCan() {
        established("mss 1000, wscale 7");
        connection.send(wire.buffers.of(QueueBuffers.numbered(0, 100_000)));
        connection.markUrgent();
        send();
        expect("U. 1:1001(1000) ack 1 urg 65535");
        ignoreSent();
    }

    @Test
    @Tag("MUST-30")
    void whatIsUrgentBeforeTheHandshakeEndsWhereItIsMarked() {
        synSent();
        connection.send(wire.buffers.of(QueueBuffers.numbered(0, 10)));
        connection.markUrgent();
        peer("S. 0:0(0) ack 1 win 10000 <mss 1000>");
        expect("PU. 1:11(10) ack 1 urg 10");
    }

    @Test
    @Tag("MUST-32")
    @Tag("MUST-33")
    void theApplicationIsToldAndCanAskUntilItHasReadIt() {
        established();
        assertThat(connection.hasUrgent()).isFalse();
        peer("PU. 1:11(10) ack 1 urg 10");
        expect(". 1:1(0) ack 11");
        assertThat(told(TcpEvents.URGENT)).isTrue();
        assertThat(connection.hasUrgent()).isTrue();
        read(10);
        assertThat(connection.hasUrgent()).isFalse();
    }

    @Test
    @Tag("MUST-32")
    void theApplicationIsToldBeforeTheUrgentDataArrives() {
        established();
        peer("U. 1:1(0) ack 1 urg 100");
        assertThat(told(TcpEvents.URGENT)).isTrue();
        assertThat(connection.hasUrgent()).isTrue();
        peer("U. 1:1(0) ack 1 urg 100");
        assertThat(told(TcpEvents.URGENT)).isFalse();
        peer("U. 1:1(0) ack 1 urg 200");
        assertThat(told(TcpEvents.URGENT)).isTrue();
    }

    @Test
    @Tag("MUST-62")
    void thePointerCountsFromTheHeaderOfASegmentThatIsOldInPart() {
        established();
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11");
        read(10);
        peer("PU. 1:21(20) ack 1 urg 15");
        expect(". 1:1(0) ack 21");
        assertThat(connection.receive.urgentEnd()).isEqualTo(TracedStack.PEER_ORIGIN + 16);
        read(10);
        assertThat(connection.hasUrgent()).isFalse();
    }

    @Test
    void urgentDataThatHasBeenReadIsNoNews() {
        established();
        peer("P. 1:11(10) ack 1");
        expect(". 1:1(0) ack 11");
        read(10);
        peer("U. 11:11(0) ack 1 urg 0");
        assertThat(told(TcpEvents.URGENT)).isFalse();
    }
}
