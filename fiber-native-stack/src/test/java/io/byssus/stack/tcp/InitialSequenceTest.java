package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.SipHash;
import io.byssus.testing.Seeds;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class InitialSequenceTest {
    private static final int MANY = 1_000_000;

    private final Random random = new Random(Seeds.next("InitialSequenceTest"));
    private final InitialSequence sequence = new InitialSequence(new SipHash(random));

    private static int next(InitialSequence sequence, long now, TestFlow flow) {
        return sequence.next(
                now,
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    /** What an attacker sees who opens connections from one port after another. */
    private static TestFlow neighbour(int i) {
        return TestFlow.ofIpv4(0x0a000001, 80, 0x0a010000 + (i >> 16), i & 0xffff);
    }

    @Test
    @Tag("MUST-8")
    void theClockTicksEvery4Microseconds() {
        TestFlow flow = TestFlow.random(random);
        long now = random.nextInt() * InitialSequence.TICK_NANOS;
        int first = next(sequence, now, flow);
        assertThat(next(sequence, now + 3_999, flow)).isEqualTo(first);
        assertThat(next(sequence, now + 4_000, flow)).isEqualTo(first + 1);
        assertThat(next(sequence, now + 1_000_000_000, flow)).isEqualTo(first + 250_000);
    }

    @Test
    @Tag("MUST-8")
    void numbersOfOnePairOfEndpointsRise() {
        TestFlow flow = TestFlow.random(random);
        // From before 0, as System.nanoTime may be, and over several wraps of the 32 bits.
        long now = -20_000_000_000_000L;
        int last = next(sequence, now, flow);
        while (now < 20_000_000_000_000L) {
            long step = random.nextLong(4_000, 8_000_000_000_000L);
            now += step;
            int number = next(sequence, now, flow);
            assertThat(SequenceNumber.isAfter(number, last)).isTrue();
            last = number;
        }
    }

    @Test
    @Tag("MUST-8")
    void numbersComeBackAfter4Point77Hours() {
        TestFlow flow = TestFlow.random(random);
        long wrap = (1L << 32) * InitialSequence.TICK_NANOS;
        assertThat(wrap / 1e9 / 3600).isBetween(4.77, 4.78);
        assertThat(next(sequence, wrap, flow)).isEqualTo(next(sequence, 0, flow));
    }

    @Test
    @Tag("MUST-9")
    @Tag("SHLD-1")
    void aMillionNeighboursHaveUnrelatedNumbers() {
        int[] high = new int[4096];
        int[] low = new int[4096];
        int[] differenceHigh = new int[4096];
        int[] differenceLow = new int[4096];
        int[] bits = new int[32];
        Set<Integer> differences = new HashSet<>();
        int last = 0;
        for (int i = 0; i < MANY; i++) {
            int number = next(sequence, 0, neighbour(i));
            int difference = number - last;
            high[number >>> 20]++;
            low[number & 0xfff]++;
            differenceHigh[difference >>> 20]++;
            differenceLow[difference & 0xfff]++;
            for (int bit = 0; bit < 32; bit++) {
                bits[bit] += ((number ^ last) >>> bit) & 1;
            }
            differences.add(difference);
            last = number;
        }
        Uniformity.assertUniform("high bits", high);
        Uniformity.assertUniform("low bits", low);
        Uniformity.assertUniform("high bits of differences", differenceHigh);
        Uniformity.assertUniform("low bits of differences", differenceLow);
        // Each bit flips from one to the next half of the time.
        assertThat(Arrays.stream(bits).boxed())
                .allSatisfy(flips -> assertThat(flips).isBetween(MANY / 2 - 3000, MANY / 2 + 3000));
        // n^2 / 2^33 = 116 pairs meet by chance.
        assertThat(differences).hasSizeGreaterThan(MANY - 250);
    }

    @Test
    @Tag("MUST-9")
    void whoDoesNotKnowTheSecretComputesOtherNumbers() {
        InitialSequence other = new InitialSequence(new SipHash(random));
        int same = 0;
        for (int i = 0; i < MANY; i++) {
            TestFlow flow = neighbour(i);
            same += next(sequence, 0, flow) == next(other, 0, flow) ? 1 : 0;
        }
        assertThat(same).isLessThan(5);
    }

    @Test
    @Tag("SHLD-1")
    void everyPartOfTheFlowCounts() {
        Set<Integer> numbers = new HashSet<>();
        numbers.add(sequence.next(0, 1, 2, 3, 4, 5));
        numbers.add(sequence.next(0, 9, 2, 3, 4, 5));
        numbers.add(sequence.next(0, 1, 9, 3, 4, 5));
        numbers.add(sequence.next(0, 1, 2, 9, 4, 5));
        numbers.add(sequence.next(0, 1, 2, 3, 9, 5));
        numbers.add(sequence.next(0, 1, 2, 3, 4, 9));
        assertThat(numbers).hasSize(6);
    }

    @Test
    @Tag("MAY-2")
    void aConnectionThatTakesOverBeginsAfterAllNumbersOfTheLastOne() {
        long now = random.nextLong() / 2;
        int clock = sequence.next(now, 1, 2, 3, 4, 5);
        assertThat(sequence.nextFrom(now, 1, 2, 3, 4, 5, clock - 1000)).isEqualTo(clock);
        assertThat(sequence.nextFrom(now, 1, 2, 3, 4, 5, clock + 1000)).isEqualTo(clock + 1000);
    }
}
