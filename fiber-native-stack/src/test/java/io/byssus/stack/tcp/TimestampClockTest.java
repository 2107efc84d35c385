package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.SipHash;
import io.byssus.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 7323. */
class TimestampClockTest {
    private static final long DAY_NANOS = 86_400_000_000_000L;

    private final Random random = new Random(Seeds.next("TimestampClockTest"));
    private final TimestampClock clock = new TimestampClock(new SipHash(random));

    private int offset(TestFlow flow) {
        return clock.offset(
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    @Test
    void ticksOnceAMillisecond() {
        int offset = random.nextInt();
        long now = random.nextInt() * 1_000_000L;
        int first = TimestampClock.value(now, offset);
        assertThat(TimestampClock.value(now + 999_999, offset)).isEqualTo(first);
        assertThat(TimestampClock.value(now + 1_000_000, offset)).isEqualTo(first + 1);
    }

    @Test
    @Tag("SHLD-4")
    @Tag("MAY-2")
    void risesFromOneConnectionOfAPairOfEndpointsToTheNext() {
        TestFlow flow = TestFlow.random(random);
        long now = -DAY_NANOS;
        int last = TimestampClock.value(now, offset(flow));
        for (int i = 0; i < 4_000; i++) { // no more, lest the time overflow
            now += random.nextLong(1_000_000, 24 * DAY_NANOS);
            int value = TimestampClock.value(now, offset(flow));
            assertThat(SequenceNumber.isAfter(value, last)).isTrue();
            last = value;
        }
    }

    @Test
    void canBeComparedFor24DaysAndNotFor25() {
        int value = TimestampClock.value(0, 0);
        assertThat(SequenceNumber.isAfter(TimestampClock.value(24 * DAY_NANOS, 0), value)).isTrue();
        assertThat(SequenceNumber.isAfter(TimestampClock.value(25 * DAY_NANOS, 0), value))
                .isFalse();
    }

    @Test
    void offsetsOfNeighboursTellNothingOfEachOther() {
        int[] high = new int[1024];
        int[] low = new int[1024];
        int[] difference = new int[1024];
        int last = 0;
        for (int i = 0; i < 200_000; i++) {
            int offset =
                    offset(TestFlow.ofIpv4(0x0a000001, 80, 0x0a010000 + (i >> 16), i & 0xffff));
            high[offset >>> 22]++;
            low[offset & 1023]++;
            difference[(offset - last) >>> 22]++;
            last = offset;
        }
        Uniformity.assertUniform("high bits", high);
        Uniformity.assertUniform("low bits", low);
        Uniformity.assertUniform("differences", difference);
    }

    @Test
    void anEchoTellsHowLongAgoItWasSent() {
        int offset = random.nextInt();
        for (int i = 0; i < 10_000; i++) {
            long sent = random.nextLong() / 4;
            long elapsed = random.nextLong(24 * DAY_NANOS);
            int value = TimestampClock.value(sent, offset);
            assertThat(TimestampClock.elapsedMillis(sent + elapsed, offset, value))
                    .isBetween((int) (elapsed / 1_000_000), (int) (elapsed / 1_000_000) + 1);
        }
        assertThat(TimestampClock.elapsedMillis(0, offset, TimestampClock.value(5_000_000, offset)))
                .isNegative();
    }
}
