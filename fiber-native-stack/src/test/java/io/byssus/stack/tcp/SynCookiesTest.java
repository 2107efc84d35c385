package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.SipHash;
import io.byssus.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 4987. */
class SynCookiesTest {
    private static final long PERIOD = SynCookies.PERIOD_NANOS;

    private final Random random = new Random(Seeds.next("SynCookiesTest"));
    private final SipHash secret = new SipHash(random);
    private final SynCookies cookies = new SynCookies(secret);
    private final TestFlow flow = TestFlow.random(random);

    private int cookie(long now, TestFlow flow, int peerSequence, int peerSegmentSize) {
        return cookies.cookie(
                now,
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports(),
                peerSequence,
                peerSegmentSize);
    }

    private static int check(
            SynCookies cookies, long now, TestFlow flow, int acknowledged, int peerSequence) {
        return cookies.check(
                now,
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports(),
                acknowledged,
                peerSequence);
    }

    private int check(long now, TestFlow flow, int acknowledged, int peerSequence) {
        return check(cookies, now, flow, acknowledged, peerSequence);
    }

    @Test
    void everySegmentSizeComesBackRoundedDown() {
        int[] sizes = {
            48, 216, 536, 1024, 1220, 1300, 1360, 1380, 1400, 1420, 1440, 1452, 1460, 4056, 8940,
            8960
        };
        cookies.noteOverflow(0);
        for (int size = 0; size <= 0xffff; size++) {
            int expected = sizes[0];
            for (int known : sizes) {
                expected = known <= size ? known : expected;
            }
            assertThat(check(0, flow, cookie(0, flow, size, size), size)).isEqualTo(expected);
        }
    }

    @Test
    void aCookieOfAnyFlowAtAnyTimeIsRightForAPeriod() {
        for (int i = 0; i < 100_000; i++) {
            long now = random.nextLong() / 2;
            cookies.noteOverflow(now);
            TestFlow any = TestFlow.random(random);
            int sequence = random.nextInt();
            int cookie = cookie(now, any, sequence, 1460);
            assertThat(check(now, any, cookie, sequence)).isEqualTo(1460);
            long later = now + random.nextLong(PERIOD);
            assertThat(check(later, any, cookie, sequence)).isEqualTo(1460);
        }
    }

    @Test
    void aCookieIsRightInItsPeriodAndTheNextOne() {
        int cookie = cookie(PERIOD, flow, 1, 1460);
        for (long now = PERIOD; now < 3 * PERIOD; now += PERIOD / 8) {
            cookies.noteOverflow(now);
            assertThat(check(now, flow, cookie, 1)).isEqualTo(1460);
        }
        cookies.noteOverflow(3 * PERIOD);
        assertThat(check(3 * PERIOD, flow, cookie, 1)).isEqualTo(SynCookies.WRONG);
        cookies.noteOverflow(PERIOD - 1);
        assertThat(check(PERIOD - 1, flow, cookie, 1)).isEqualTo(SynCookies.WRONG);
    }

    @Test
    void nothingIsAcceptedBeforeAnOverflow() {
        int cookie = cookie(0, flow, 1, 1460);
        assertThat(cookies.mayAccept(0)).isFalse();
        assertThat(check(0, flow, cookie, 1)).isEqualTo(SynCookies.WRONG);
        cookies.noteOverflow(0);
        assertThat(check(0, flow, cookie, 1)).isEqualTo(1460);
    }

    @Test
    void cookiesAreAcceptedForTwoPeriodsAfterTheLastOverflow() {
        long now = random.nextLong() / 2;
        cookies.noteOverflow(now - PERIOD);
        cookies.noteOverflow(now);
        assertThat(cookies.mayAccept(now)).isTrue();
        assertThat(cookies.mayAccept(now + (2 * PERIOD) - 1)).isTrue();
        assertThat(cookies.mayAccept(now + (2 * PERIOD))).isFalse();
        assertThat(cookies.mayAccept(now + 1)).isFalse();
        long later = now + (2 * PERIOD);
        assertThat(check(later, flow, cookie(later, flow, 1, 1460), 1)).isEqualTo(SynCookies.WRONG);
    }

    @Test
    void aCookieIsForItsFlowAndItsSynAlone() {
        cookies.noteOverflow(0);
        TestFlow one = new TestFlow(1, 2, 3, 4, 5);
        int cookie = cookie(0, one, 6, 1460);
        assertThat(check(0, one, cookie, 6)).isEqualTo(1460);
        assertThat(check(0, one, cookie, 7)).isEqualTo(SynCookies.WRONG);
        TestFlow[] others = {
            new TestFlow(9, 2, 3, 4, 5),
            new TestFlow(1, 9, 3, 4, 5),
            new TestFlow(1, 2, 9, 4, 5),
            new TestFlow(1, 2, 3, 9, 5),
            new TestFlow(1, 2, 3, 4, 9)
        };
        for (TestFlow other : others) {
            assertThat(check(0, other, cookie, 6)).isEqualTo(SynCookies.WRONG);
        }
    }

    @Test
    void shardsWithTheSameSecretAcceptEachOthersCookies() {
        SynCookies other = new SynCookies(secret);
        other.noteOverflow(0);
        assertThat(check(other, 0, flow, cookie(0, flow, 1, 536), 1)).isEqualTo(536);
        SynCookies stranger = new SynCookies(new SipHash(random));
        stranger.noteOverflow(0);
        assertThat(check(stranger, 0, flow, cookie(0, flow, 1, 536), 1))
                .isEqualTo(SynCookies.WRONG);
    }

    /** 2 periods, 16 sizes: 2^-27 of them, which makes 0.07 of these. */
    @Test
    void acknowledgmentsThatAreMadeUpAreWrong() {
        cookies.noteOverflow(0);
        int accepted = 0;
        for (int i = 0; i < 10_000_000; i++) {
            accepted += check(0, flow, random.nextInt(), i) == SynCookies.WRONG ? 0 : 1;
        }
        assertThat(accepted).isLessThanOrEqualTo(3);
    }

    @Test
    void sixteenNumbersOfEachPeriodAreRight() {
        long now = PERIOD * 100;
        cookies.noteOverflow(now);
        for (int age = 0; age < 2; age++) {
            int first = cookie(now - (age * PERIOD), flow, 1, 48);
            for (int i = -100_000; i < 100_000; i++) {
                assertThat(check(now, flow, first + i, 1) != SynCookies.WRONG)
                        .isEqualTo(i >= 0 && i < 16);
            }
        }
    }

    @Test
    @Tag("MUST-9")
    void cookiesOfNeighboursAreUnrelated() {
        int[] high = new int[1024];
        int[] low = new int[1024];
        int[] differences = new int[1024];
        int last = 0;
        for (int i = 0; i < 500_000; i++) {
            TestFlow neighbour = TestFlow.ofIpv4(1, 80, 0x0a000000 + (i >> 16), i & 0xffff);
            int cookie = cookie(0, neighbour, 1, 1460);
            high[cookie >>> 22]++;
            low[cookie & 1023]++;
            differences[(cookie - last) >>> 22]++;
            last = cookie;
        }
        Uniformity.assertUniform("high bits", high);
        Uniformity.assertUniform("low bits", low);
        Uniformity.assertUniform("differences", differences);
    }

    @Test
    void eachPeriodIsASecretOfItsOwn() {
        int[] differences = new int[256];
        for (int i = 0; i < 100_000; i++) {
            int difference =
                    cookie(i * PERIOD, flow, 1, 536) - cookie((i + 1) * PERIOD, flow, 1, 536);
            differences[difference >>> 24]++;
        }
        Uniformity.assertUniform("differences", differences);
    }
}
