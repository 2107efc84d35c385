package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What becomes of connections when the stack's memory is short: a 64 KiB budget, which is scarce
 * from 48 KiB on and critical from 60 KiB on. Others fill it: their peers' text, in frames of 2 KiB
 * each, which nobody reads.
 */
class MemoryPressureTracesTest extends TraceTest {
    private static final int BUDGET = 64 << 10;
    private static final int FRAMES_SCARCE = 24;
    private static final int FRAMES_CRITICAL = 30;
    private static final int OTHERS_PORT = 1000;

    private final List<TcpConnection> others = new ArrayList<>();

    @BeforeEach
    void aSmallBudget() {
        TcpLimits defaults = TcpLimits.DEFAULTS;
        wire =
                new TracedStack(
                        new TcpLimits(
                                defaults.connectionsMax(),
                                defaults.halfOpenMax(),
                                defaults.timeWaitMax(),
                                BUDGET,
                                defaults.blackHoleTimeouts(),
                                defaults.congestion()));
    }

    @AfterEach
    void othersEnd() {
        others.forEach(TcpConnection::abort);
        send();
        ignoreSent();
    }

    /** Another connection takes so many frames that nobody reads. */
    private void othersTake(int frames) {
        final TcpConnection mine = connection;
        final int origin = wire.origin;
        final int remotePort = wire.remotePort;
        final int localPort = wire.localPort;
        wire.remotePort = OTHERS_PORT + others.size();
        wire.localPort = OTHERS_PORT;
        established();
        others.add(connection);
        for (int i = 0; i < frames; i++) {
            peer(segment("P.", 1 + 1000 * i, 1000) + " ack 1 win 10000");
        }
        ignoreSent();
        connection = mine;
        wire.origin = origin;
        wire.remotePort = remotePort;
        wire.localPort = localPort;
    }

    private void becomeScarce() {
        othersTake(FRAMES_SCARCE);
        assertThat(wire.stack.memory().isScarce()).isTrue();
        assertThat(wire.stack.memory().isCritical()).isFalse();
    }

    private void becomeCritical() {
        othersTake(FRAMES_CRITICAL);
        assertThat(wire.stack.memory().isCritical()).isTrue();
    }

    private void othersEndNow() {
        othersEnd();
        assertThat(wire.stack.memory().isScarce()).isFalse();
    }

    @Test
    void aNewConnectionGetsASmallWindow() {
        listen();
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1 win 57344");
        peer("R 1:1(0)");
        becomeScarce();
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1 win 7168");
    }

    @Test
    void whatWaitsOutOfOrderIsDroppedAndNotReportedAnyMore() {
        established("mss 1000, sackOK");
        peer("P. 1001:2001(1000) ack 1");
        expect(". 1:1(0) ack 1 <sack 1001:2001>");
        becomeScarce();
        peer("P. 3001:4001(1000) ack 1");
        expect(". 1:1(0) ack 1 <sack 3001:4001 1001:2001>");
        othersTake(FRAMES_CRITICAL - FRAMES_SCARCE);
        assertThat(wire.stack.counters().pruneCalled).isEqualTo(1);
        assertThat(wire.stack.counters().outOfOrderPruned).isPositive();
        othersEndNow();
        peer("P. 1:1001(1000) ack 1");
        peer("P. 1001:2001(1000) ack 1", "P. 2001:3001(1000) ack 1", "P. 3001:4001(1000) ack 1");
        read(4000);
        ignoreSent();
    }

    @Test
    void theHighestNumbersAreDroppedFirstAndNoMoreThanMust() {
        established("mss 1000, sackOK");
        for (int i = 2; i < 8; i++) {
            peer(segment("P.", 1001 * i, 1000) + " ack 1");
        }
        ignoreSent();
        othersTake(FRAMES_CRITICAL - 6);
        // From 60 KiB to less than 56 KiB, in frames of 2 KiB.
        assertThat(wire.stack.counters().outOfOrderPruned).isEqualTo(3);
        assertThat(connection.reassembly.highestEnd()).isEqualTo(wire.peerOrigin + 1001 * 4 + 1000);
        assertThat(connection.reassembly.runs()).isEqualTo(3);
    }

    @Test
    void whoseGapIsOldestLosesFirst() {
        established("mss 1000, sackOK");
        peer("P. 1001:2001(1000) ack 1");
        ignoreSent();
        final TcpConnection older = connection;
        wire.localPort++;
        established("mss 1000, sackOK");
        peer("P. 1001:2001(1000) ack 1", "P. 2001:3001(1000) ack 1", "P. 3001:4001(1000) ack 1");
        ignoreSent();
        othersTake(FRAMES_CRITICAL - 4);
        assertThat(older.reassembly.isEmpty()).isTrue();
        assertThat(connection.reassembly.nodes()).isEqualTo(1);
        older.abort();
        send();
        ignoreSent();
    }

    @Test
    void whatComesInItsTurnComesBeforeWhatWaits() {
        established("mss 1000, sackOK");
        peer("P. 1001:2001(1000) ack 1");
        ignoreSent();
        becomeScarce();
        // There is room for it, but not for all that the merging of both might take.
        peer("P. 1:1001(1000) ack 1");
        expect(". 1:1(0) ack 1001 <>");
        assertThat(wire.stack.counters().pruneCalled).isEqualTo(1);
        peer("P. 1001:2001(1000) ack 1");
        read(2000);
        ignoreSent();
    }

    @Test
    void whatFindsNoMemoryIsDroppedAndCountedAndTakenWhenItComesAgain() {
        established();
        becomeCritical();
        othersTake(4);
        assertThat(wire.stack.counters().memoryBytes).isGreaterThan(BUDGET - 2048);
        peer("P. 1:1001(1000) ack 1");
        expectNothing();
        assertThat(wire.stack.counters().outOfMemory).isPositive();
        long before = wire.stack.counters().outOfOrderDropped;
        peer("P. 1001:2001(1000) ack 1");
        ignoreSent();
        assertThat(wire.stack.counters().outOfOrderDropped).isEqualTo(before + 1);
        assertThat(wire.stack.counters().memoryBytesHighest).isLessThanOrEqualTo(BUDGET);
        othersEndNow();
        peer("P. 1:1001(1000) ack 1");
        read(1000);
        ignoreSent();
    }

    @Test
    void theWindowOfAReaderClosesAsItIsUsedAndNothingIsLost() {
        established();
        becomeCritical();
        int sequence = 1;
        int edge = 1 + 57344;
        int window = Integer.MAX_VALUE;
        while (sequence + 1000 <= edge && window >= 1000) {
            peer(segment("P.", sequence, 1000) + " ack 1");
            read(1000);
            sequence += 1000;
            afterMillis(41);
            TracedSegment last = wire.sent.peekLast().segment();
            window = last.window();
            assertThat(last.acknowledgment()).isEqualTo(sequence);
            assertThat(sequence + window).isGreaterThanOrEqualTo(edge);
            edge = sequence + window;
            ignoreSent();
            if (sequence > 100_000) {
                break;
            }
        }
        assertThat(sequence).as("the reader goes on").isGreaterThan(100_000);
        assertThat(window).isLessThanOrEqualTo(MemoryBudget.CONNECTION_MIN);
        assertThat(wire.stack.counters().outOfMemory).isZero();
    }

    @Test
    void aHalfOpenConnectionIsDroppedInsteadOfRepeatingItsSyn() {
        synReceived();
        becomeCritical();
        afterMillis(900);
        assertState(TcpState.SYN_RECEIVED);
        afterMillis(200);
        expectNothing();
        assertFailed(TcpFailure.TIMED_OUT);
        assertThat(listener.halfOpenCount()).isZero();
        assertThat(wire.stack.counters().halfOpenPruned).isEqualTo(1);
    }

    @Test
    void anAnswerThatComesInTimeStillEstablishes() {
        synReceived();
        becomeCritical();
        afterMillis(500);
        peer(". 1:1(0) ack 1 win 10000");
        assertState(TcpState.ESTABLISHED);
    }

    @Test
    void aNewSynGetsACookieAndNothingIsKeptOfIt() {
        listen();
        becomeCritical();
        int before = wire.stack.counters().connections;
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1 win 4096");
        assertThat(wire.stack.counters().connections).isEqualTo(before);
        peer(". 1:1(0) ack 1 win 10000");
        connection = wire.stack.accept(listener);
        assertState(TcpState.ESTABLISHED);
        ignoreSent();
    }

    private void stall() {
        established();
        peer(". 1:1(0) ack 1 win 0");
        write(10);
    }

    private void answerProbes(int count) {
        for (int i = 0; i < count && connection.state() != TcpState.CLOSED; i++) {
            assertThat(wire.advanceUntilSent(61_000_000_000L)).isTrue();
            ignoreSent();
            peer(". 1:1(0) ack 1 win 0");
        }
    }

    @Test
    @Tag("MUST-37")
    void whoKeepsHisWindowClosedIsGivenUpWhenMemoryIsCritical() {
        stall();
        answerProbes(10);
        becomeScarce();
        answerProbes(2);
        assertState(TcpState.ESTABLISHED);
        othersTake(FRAMES_CRITICAL - FRAMES_SCARCE);
        assertFailed(TcpFailure.TIMED_OUT);
        assertThat(told(TcpEvents.CLOSED)).isTrue();
        assertThat(wire.stack.counters().abortsOnMemory).isEqualTo(1);
    }

    @Test
    @Tag("MUST-37")
    void whereNobodyWaitsThePeerIsGivenUpAsSoonAsMemoryIsScarce() {
        stall();
        close();
        answerProbes(10);
        assertState(TcpState.FIN_WAIT_1);
        becomeScarce();
        assertThat(wire.advanceUntilSent(61_000_000_000L)).isFalse();
        assertState(TcpState.CLOSED);
        assertThat(wire.stack.counters().abortsOnMemory).isEqualTo(1);
    }

    /** The peer takes {@code bytes} each time, and says that it has room for as many more. */
    private void takeSlowly(int bytes, int times, int everyMillis) {
        int taken = 1 + written - connection.queued();
        for (int i = 0; i < times && connection.state() != TcpState.CLOSED; i++) {
            afterMillis(everyMillis);
            ignoreSent();
            if (taken + bytes <= 1 + written) {
                taken = SequenceNumber.distance(wire.origin, connection.send.next());
                peer(". 1:1(0) ack " + taken + " win " + bytes);
            }
        }
        ignoreSent();
    }

    @Test
    @Tag("MUST-37")
    void whoTakesAByteNowAndThenIsGivenUpWhenMemoryIsCritical() {
        established();
        peer(". 1:1(0) ack 1 win 1");
        write(5000);
        takeSlowly(1, 100, 300);
        assertState(TcpState.ESTABLISHED);
        becomeCritical();
        takeSlowly(1, 13, 300);
        assertState(TcpState.ESTABLISHED);
        takeSlowly(1, 10, 300);
        assertFailed(TcpFailure.TIMED_OUT);
        assertThat(wire.stack.counters().abortsOnMemory).isEqualTo(1);
    }

    @Test
    void whoTakesAllInLessThanAMinuteIsKept() {
        established();
        peer(". 1:1(0) ack 1 win 100");
        write(5000);
        becomeCritical();
        takeSlowly(100, 60, 500);
        assertState(TcpState.ESTABLISHED);
        assertThat(connection.queued()).isZero();
        assertThat(wire.stack.counters().abortsOnMemory).isZero();
    }

    @Test
    void thePaceIsThatOfWhatIsQueuedNow() {
        established();
        peer(". 1:1(0) ack 1 win 1");
        write(3000);
        becomeCritical();
        takeSlowly(1, 3, 300);
        peer(". 1:1(0) ack " + (1 + written - connection.queued()) + " win 10000");
        peer(". 1:1(0) ack 3001 win 10000");
        assertThat(connection.queued()).isZero();
        ignoreSent();
        afterSeconds(30);
        peer(". 1:1(0) ack 3001 win 1");
        write(3000);
        takeSlowly(1, 3, 300);
        assertState(TcpState.ESTABLISHED);
        ignoreSent();
    }

    @Test
    void anIdleConnectionSurvives() {
        established();
        write(10);
        ignoreSent();
        peer(". 1:1(0) ack 11 win 10000");
        becomeCritical();
        afterSeconds(3600);
        assertState(TcpState.ESTABLISHED);
        write(10);
        expect("P. 11:21(10) ack 1");
    }
}
