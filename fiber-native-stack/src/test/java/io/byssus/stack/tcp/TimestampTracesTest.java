package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 7323: window scale, timestamps, protection against wrapped sequence numbers. */
class TimestampTracesTest extends TraceTest {
    @Test
    void theScaleIsUsedOnlyIfBothHaveIt() {
        established("mss 1000");
        peer(". 1:1(0) ack 1 win 10000");
        assertThat(connection.send.window()).isEqualTo(10_000);
        peer("P. 1:11(10) ack 1");
        assertThat(wire.sent.poll().segment().window()).isGreaterThan(40_000);
        read(10);
    }

    @Test
    void theWindowBesideASynIsNotScaled() {
        established("mss 1000, wscale 7");
        assertThat(connection.send.window()).isEqualTo(10_000);
        peer(". 1:1(0) ack 1 win 10000");
        assertThat(connection.send.window()).isEqualTo(1_280_000);
        peer("P. 1:11(10) ack 1");
        assertThat(wire.sent.poll().segment().window()).isLessThan(1000);
        read(10);
    }

    @Test
    void aScaleAbove14CountsAs14() {
        established("mss 1000, wscale 15");
        peer(". 1:1(0) ack 1 win 1");
        assertThat(connection.send.window()).isEqualTo(1 << 14);
    }

    @Test
    void aScaleElsewhereThanInASynIsIgnored() {
        established("mss 1000, wscale 1");
        peer(". 1:1(0) ack 1 win 1000 <wscale 5>");
        assertThat(connection.send.window()).isEqualTo(2000);
    }

    @Test
    void withoutThePeersTimestampsThereAreNone() {
        established("mss 1000");
        write(10);
        expect("P. 1:11(10) ack 1 <>");
    }

    @Test
    void everySegmentEchoesTheLastOneInOrder() {
        established("mss 1000, TS val 100 ecr 0");
        write(10);
        expect("P. 1:11(10) ack 1 <TS val 100 ecr 100>");
        afterMillis(50);
        peer(". 1:1(0) ack 11 win 10000 <TS val 150 ecr 100>");
        write(10);
        expect("P. 11:21(10) ack 1 <TS val 150 ecr 150>");
    }

    @Test
    void ofDelayedAcknowledgmentsTheFirstSegmentsTimestampIsEchoed() {
        established("mss 1000, TS val 100 ecr 0");
        peer("P. 1:11(10) ack 1 <TS val 110 ecr 100>", "P. 11:21(10) ack 1 <TS val 120 ecr 100>");
        expect(". 1:1(0) ack 21 <TS val 100 ecr 110>");
        read(20);
    }

    @Test
    void theTimestampOfASegmentOutOfOrderIsNotEchoed() {
        established("mss 1000, TS val 100 ecr 0");
        peer("P. 11:21(10) ack 1 <TS val 120 ecr 100>");
        expect(". 1:1(0) ack 1 <TS val 100 ecr 100>");
        peer("P. 1:11(10) ack 1 <TS val 110 ecr 100>");
        expect(". 1:1(0) ack 21 <TS val 100 ecr 110>");
        read(20);
    }

    @Test
    void anOldTimestampMakesAnOldDuplicateOfASegmentInTheWindow() {
        established("mss 1000, TS val 100 ecr 0");
        peer("P. 1:11(10) ack 1 <TS val 99 ecr 100>");
        expect(". 1:1(0) ack 1 <TS val 100 ecr 100>");
        read(0);
        assertThat(wire.stack.counters().pawsEstablished).isEqualTo(1);
    }

    @Test
    void theTimestampOfAResetDoesNotMatter() {
        established("mss 1000, TS val 100 ecr 0");
        peer("R 1:1(0) <TS val 1 ecr 100>");
        assertFailed(TcpFailure.RESET);
    }

    @Test
    void aResetNeedsNoTimestamp() {
        established("mss 1000, TS val 100 ecr 0");
        peer("R 1:1(0)");
        assertFailed(TcpFailure.RESET);
    }

    @Test
    void aSegmentThatLacksItsTimestampIsDropped() {
        established("mss 1000, TS val 100 ecr 0");
        peer("P. 1:11(10) ack 1");
        expectNothing();
        read(0);
        assertThat(wire.stack.counters().timestampsMissing).isEqualTo(1);
    }

    @Test
    void after24DaysOfSilenceAnyTimestampIsNew() {
        established("mss 1000, TS val 100 ecr 0");
        afterSeconds(25 * 86_400);
        peer("P. 1:11(10) ack 1 <TS val 99 ecr 100>");
        expect(". 1:1(0) ack 11");
        read(10);
    }

    @Test
    void timestampsWrap() {
        established("mss 1000, TS val 2147483647 ecr 0");
        peer("P. 1:11(10) ack 1 <TS val -2147483648 ecr 100>");
        expect(". 1:1(0) ack 11 <TS val 100 ecr -2147483648>");
        read(10);
    }
}
