package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ReceiveWindowTest {
    private static final int MSS = 1000;
    private static final int LIMIT = 64 << 10;
    private static final int MAX = 4 << 20;
    private static final int SHIFT = 7;
    private static final int UNIT = 1 << SHIFT;
    private static final long MILLI = 1_000_000;

    /** Half of what is left without the reserve, as long as no frame was measured. */
    private static final int INITIAL = (LIMIT - LIMIT / 8) / 2;

    private final ReceiveWindow window = new ReceiveWindow();

    @BeforeEach
    void init() {
        window.init(MSS, LIMIT, MAX);
    }

    /** The window in bytes, as the peer reads it. */
    private int offered(int rcvNxt, int queuedCharged) {
        return window.offer(rcvNxt, queuedCharged) << SHIFT;
    }

    private void beginWithLimit(int bytes) {
        window.init(MSS, bytes, Math.max(bytes, MAX));
        window.begin(0, SHIFT);
    }

    @Test
    void theScaleFollowsFromTheMaximum() {
        assertThat(ReceiveWindow.shiftFor(65_535)).isZero();
        assertThat(ReceiveWindow.shiftFor(65_536)).isEqualTo(1);
        assertThat(ReceiveWindow.shiftFor(MAX)).isEqualTo(SHIFT);
        assertThat(ReceiveWindow.shiftFor(1 << 30)).isEqualTo(ReceiveWindow.SHIFT_MAX);
        assertThat(ReceiveWindow.shiftFor(Integer.MAX_VALUE)).isEqualTo(ReceiveWindow.SHIFT_MAX);
    }

    /** RFC 7323 section 2.2. */
    @Test
    void theWindowOfASynIsNotScaled() {
        assertThat(window.synWindow()).isEqualTo(INITIAL);
        window.begin(100, SHIFT);
        assertThat(window.window(100)).isEqualTo(INITIAL);
        assertThat(window.edge()).isEqualTo(100 + INITIAL);
        window.init(MSS, MAX, MAX);
        assertThat(window.synWindow()).isEqualTo(65_535);
    }

    @Test
    void aWindowThatTheSynCouldNotSayIsSaidNext() {
        window.init(MSS, MAX, MAX);
        window.begin(0, SHIFT);
        assertThat(offered(0, 0)).isEqualTo((MAX - MAX / 8) / 2);
    }

    @Test
    @Tag("MUST-1")
    void must1_aWindowOf65535IsNotNegative() {
        window.init(MSS, MAX, MAX);
        window.begin(0, 0);
        assertThat(window.offer(0, 0)).isEqualTo(65_535);
        assertThat(window.window(0)).isEqualTo(65_535);
    }

    @Test
    @Tag("REC-1")
    void rec1_windowsAreKeptIn32Bits() {
        window.init(MSS, 1 << 30, 1 << 30);
        window.begin(-5, ReceiveWindow.SHIFT_MAX);
        int field = window.offer(-5, 0);
        assertThat(field).isBetween(1, 65_535);
        assertThat(window.window(-5))
                .isEqualTo(field << ReceiveWindow.SHIFT_MAX)
                .isGreaterThan(1 << 28);
    }

    @Test
    void theEdgeStaysWhileTheApplicationDoesNotRead() {
        beginWithLimit(LIMIT);
        int edge = offered(0, 0);
        for (int rcvNxt = 0; rcvNxt + UNIT <= edge; rcvNxt += UNIT) {
            assertThat(offered(rcvNxt, 2 * rcvNxt)).isEqualTo(edge - rcvNxt);
        }
        assertThat(window.offer(edge, 2 * edge)).isZero();
    }

    @Test
    void theEdgeAdvancesWithWhatTheApplicationReads() {
        beginWithLimit(LIMIT);
        int before = offered(0, 0);
        assertThat(offered(10 * UNIT, 0)).isEqualTo(before);
        assertThat(window.edge()).isEqualTo(before + 10 * UNIT);
    }

    @Test
    @Tag("SHLD-14")
    void shld14_theEdgeDoesNotMoveBackWhenMemoryRunsShort() {
        beginWithLimit(LIMIT);
        int edge = offered(0, 0);
        window.limitTo(4096);
        assertThat(offered(0, 0)).isEqualTo(edge);
        assertThat(offered(0, LIMIT)).isEqualTo(edge);
        // It closes as it is used.
        assertThat(offered(100 * UNIT, LIMIT)).isEqualTo(edge - 100 * UNIT);
        assertThat(window.shrinks()).isZero();
        assertThat(window.roundedBack()).isZero();
    }

    @Test
    void onlyMemoryForcesItBackAndThatIsCounted() {
        beginWithLimit(LIMIT);
        int edge = offered(0, 0);
        window.limitTo(4096);
        window.shrink(0, 1024);
        assertThat(offered(0, 4096)).isEqualTo(1024);
        assertThat(window.window(0)).isEqualTo(1024);
        assertThat(window.shrinks()).isEqualTo(1);
        assertThat(window.shrunkBytes()).isEqualTo(edge - 1024);
        window.shrink(0, 2000);
        assertThat(window.shrinks()).isEqualTo(1);
    }

    @Test
    @Tag("MUST-39")
    void must39_theEdgeAdvancesByAFullSegmentOrNotAtAll() {
        beginWithLimit(LIMIT);
        offered(0, 0);
        int edge = window.edge();
        int rcvNxt = 80 * UNIT; // all of it waits; then the application reads by and by
        int queued = 2 * rcvNxt;
        while (queued > 2 * (rcvNxt - MSS)) {
            window.offer(rcvNxt, queued);
            assertThat(window.edge()).isEqualTo(edge);
            queued -= 100;
        }
        window.offer(rcvNxt, 2 * (rcvNxt - 8 * UNIT));
        assertThat(window.edge()).isEqualTo(edge + 8 * UNIT);
    }

    @Test
    @Tag("MUST-39")
    void must39_ofASmallBufferHalfIsEnough() {
        window.init(MSS, 2048, MAX);
        window.begin(0, 0);
        assertThat(window.synWindow()).isEqualTo(896);
        assertThat(window.offer(0, 0)).isEqualTo(896);
        assertThat(window.offer(896, 1792)).isZero();
        assertThat(window.offer(896, 1000)).isZero();
        assertThat(window.offer(896, 896)).isEqualTo(448);
    }

    @Test
    void roundingNeverMovesTheEdgeBackForFullSegments() {
        beginWithLimit(LIMIT);
        offered(0, 0);
        int last = window.edge();
        int rcvNxt = 0;
        while (window.window(rcvNxt) >= MSS) {
            rcvNxt += MSS;
            int edge = rcvNxt + offered(rcvNxt, 2 * rcvNxt);
            assertThat(edge).isGreaterThanOrEqualTo(last);
            last = edge;
        }
        assertThat(window.roundedBack()).isZero();
        // What was promised is backed by the reserve.
        assertThat(2 * last).isLessThanOrEqualTo(LIMIT);
    }

    @Test
    void aPeerOfTinySegmentsClosesItsWindowToo() {
        beginWithLimit(LIMIT);
        offered(0, 0);
        int rcvNxt = 0;
        while (offered(rcvNxt, 2 * rcvNxt) > 0) {
            rcvNxt++;
            assertThat(2 * rcvNxt).isLessThanOrEqualTo(LIMIT);
        }
        assertThat(window.roundedBack()).isPositive();
        // Less than a unit is left, which is accepted though it is not offered.
        assertThat(window.window(rcvNxt)).isLessThan(UNIT);
    }

    @Test
    void theWindowShrinksAsFramesAreFilledLess() {
        beginWithLimit(LIMIT);
        int half = offered(0, 0);
        for (int i = 0; i < 200; i++) {
            window.onData(0, 0, 1448, 1448 * 3);
        }
        // It does not move back, but what is read does not open it again.
        assertThat(offered(0, 0)).isEqualTo(half);
        assertThat(offered(6000, 0)).isLessThanOrEqualTo(half - 6000 + UNIT);
        for (int i = 0; i < 200; i++) {
            window.onData(0, 0, 1448, 1500);
        }
        assertThat(offered(6000, 0)).isGreaterThan(half * 3 / 2);
    }

    @Test
    void framesThatAreNearlyEmptyCountAsAQuarterFull() {
        beginWithLimit(LIMIT);
        for (int i = 0; i < 500; i++) {
            window.onData(0, 0, 1, 64 << 10);
        }
        int used = 28_000;
        assertThat(offered(used, 0)).isBetween(LIMIT * 7 / 8 / 4 - UNIT, LIMIT * 7 / 8 / 4 + UNIT);
    }

    @Test
    void anUpdateIsDueWhenAFullSegmentFitsAgain() {
        beginWithLimit(LIMIT);
        int edge = offered(0, 0);
        assertThat(window.offer(edge, 2 * edge)).isZero();
        assertThat(window.updateDue(edge, 2 * edge)).isFalse();
        assertThat(window.updateDue(edge, 2 * (edge - MSS / 2))).isFalse();
        assertThat(window.updateDue(edge, 2 * (edge - 2 * MSS))).isTrue();
        offered(edge, 2 * (edge - 2 * MSS));
        assertThat(window.updateDue(edge, 2 * (edge - 2 * MSS))).isFalse();
    }

    @Test
    void inFullFlowAnUpdateIsDueForAQuarterOfTheWindow() {
        beginWithLimit(LIMIT);
        offered(0, 0);
        assertThat(window.updateDue(2 * MSS, 0)).isFalse();
        assertThat(window.updateDue(INITIAL / 4 + UNIT, 0)).isTrue();
    }

    @Test
    void theLimitGrowsWithWhatTheApplicationTakesUpToTheMaximum() {
        beginWithLimit(LIMIT);
        window.onRoundTrip(10 * MILLI);
        long now = 0;
        int rcvNxt = 0;
        int rounds = 0;
        int before = window.limit();
        window.onTaken(now, 0, true);
        while (window.limit() < MAX) {
            int sent = offered(rcvNxt, 0);
            rcvNxt += sent;
            now += 10 * MILLI;
            window.onData(now, rcvNxt, 1448, 2048);
            window.onTaken(now, sent, true);
            assertThat(window.limit()).isGreaterThan(before);
            before = window.limit();
            rounds++;
        }
        assertThat(rounds).isLessThanOrEqualTo(6);
        assertThat(offered(rcvNxt, 0)).isGreaterThan(MAX / 2 * 7 / 8 - UNIT);
    }

    @Test
    void theLimitDoesNotGrowUnderPressure() {
        beginWithLimit(LIMIT);
        window.onRoundTrip(10 * MILLI);
        window.onTaken(0, 0, false);
        for (int i = 1; i < 100; i++) {
            window.onTaken(i * 10L * MILLI, 100_000, false);
        }
        assertThat(window.limit()).isEqualTo(LIMIT);
        window.onTaken(1000 * MILLI, 100_000, true);
        assertThat(window.limit()).isGreaterThan(LIMIT);
        window.limitTo(8192);
        assertThat(window.limit()).isEqualTo(8192);
        window.limitTo(LIMIT);
        assertThat(window.limit()).isEqualTo(8192);
        window.onTaken(1010 * MILLI, 0, true);
        window.onTaken(1020 * MILLI, 100_000, true);
        assertThat(window.limit()).isGreaterThan(LIMIT);
    }

    @Test
    void aFinMayLieBehindAFullWindow() {
        beginWithLimit(LIMIT);
        int edge = offered(0, 0);
        assertThat(window.window(edge + 1)).isZero();
        assertThat(window.offer(edge + 1, 2 * edge)).isZero();
    }

    /** A peer that uses the window as it likes, and an application that reads as it likes. */
    @Test
    @Tag("SHLD-14")
    @Tag("MUST-39")
    void shld14_whatWasOfferedIsAcceptedAndBackedByMemoryWhateverTheTraffic() {
        SplittableRandom random = new SplittableRandom(Seeds.next("ReceiveWindowTest"));
        for (int run = 0; run < 50; run++) {
            int shift = random.nextInt(8);
            int limit = 3000 + random.nextInt(200_000);
            int rcvNxt = random.nextBoolean() ? random.nextInt() : -random.nextInt(10_000);
            int largest = random.nextBoolean() ? MSS : 1 + random.nextInt(20);
            window.init(MSS, limit, MAX);
            window.begin(rcvNxt, shift);
            int queued = 0;
            int seen = window.edge();
            long backs = window.roundedBack();
            for (int step = 0; step < 3000; step++) {
                int edge = window.edge();
                int bytes = Math.min(window.window(rcvNxt), random.nextInt(largest + 1));
                rcvNxt += bytes;
                queued += 2 * bytes; // as the efficiency of one half, which is not measured here
                if (random.nextInt(5) == 0) {
                    queued -= Math.min(queued, 2 * random.nextInt(4 * largest));
                }
                int offered = rcvNxt + (window.offer(rcvNxt, queued) << shift);
                int back = SequenceNumber.distance(offered, seen);
                assertThat(back).isLessThan(1 << shift);
                backs += back > 0 ? 1 : 0;
                assertThat(window.roundedBack()).isEqualTo(backs);
                seen = offered;
                assertThat(SequenceNumber.distance(edge, window.edge())).isNotNegative();
                assertThat(queued + 2L * window.window(rcvNxt)).isLessThanOrEqualTo(limit);
            }
        }
    }
}
