package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.stack.ip.SipHash;
import io.byssus.testing.Seeds;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** RFC 6056. */
class PortSelectorTest {
    private final Random random = new Random(Seeds.next("PortSelectorTest"));
    private final PortSelector selector = new PortSelector(new SipHash(random), random);

    /** Asks two predicates, and counts. */
    private static final class Ports implements PortSelector.Candidates {
        private final IntPredicate home;
        private final IntPredicate free;
        private int asked;
        private int askedFree;

        Ports(IntPredicate home, IntPredicate free) {
            this.home = home;
            this.free = free;
        }

        @Override
        public boolean hashesHome(int port) {
            asked++;
            return home.test(port);
        }

        @Override
        public boolean isFree(int port) {
            askedFree++;
            return free.test(port);
        }
    }

    private static Ports all() {
        return new Ports(port -> true, port -> true);
    }

    @Test
    void portsToManyDestinationsAreSpreadEvenly() {
        int[] counts = new int[PortSelector.LAST - PortSelector.FIRST + 1];
        for (int i = 0; i < 500_000; i++) {
            int port = selector.select(1, 2, 3, i, 80, all());
            counts[port - PortSelector.FIRST]++;
        }
        Uniformity.assertUniform("ports", counts);
    }

    @Test
    void portsToManyPortsOfOneHostAreUnrelated() {
        int range = PortSelector.LAST - PortSelector.FIRST + 1;
        int[] differences = new int[64];
        int last = 0;
        for (int i = 1; i < 65_536; i++) {
            int port = selector.select(1, 2, 3, 4, i, all());
            differences[Math.floorMod(port - last, range) * 64 / range]++;
            last = port;
        }
        Uniformity.assertUniform("differences", differences);
    }

    @Test
    void aPortComesBackToTheSameDestinationOnlyAfterTheWholeRange() {
        Set<Integer> seen = new HashSet<>();
        // Steps are 8 at most.
        int count = (PortSelector.LAST - PortSelector.FIRST + 1) / 8;
        for (int i = 0; i < count; i++) {
            assertThat(seen.add(selector.select(1, 2, 3, 4, 80, all()))).isTrue();
        }
    }

    @Test
    void theNextPortToADestinationIsNotCertain() {
        Set<Integer> steps = new HashSet<>();
        int last = selector.select(1, 2, 3, 4, 80, all());
        for (int i = 0; i < 1000; i++) {
            int port = selector.select(1, 2, 3, 4, 80, all());
            steps.add(Math.floorMod(port - last, PortSelector.LAST - PortSelector.FIRST + 1));
            last = port;
        }
        assertThat(steps).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void onlyPortsThatHashHomeAndAreFreeAreTaken() {
        Set<Integer> taken = new HashSet<>();
        int home = random.nextInt(4);
        for (int i = 0; i < 3000; i++) {
            Ports ports = new Ports(port -> port % 4 == home, port -> !taken.contains(port));
            int port = selector.select(1, 2, 3, 4, 80, ports);
            assertThat(port).isBetween(PortSelector.FIRST, PortSelector.LAST);
            assertThat(port % 4).isEqualTo(home);
            assertThat(taken.add(port)).isTrue();
            assertThat(ports.askedFree).isLessThanOrEqualTo(ports.asked);
        }
    }

    @Test
    void everyPortOfTheRangeCanBeTaken() {
        int first = 50_000;
        int last = 50_199;
        PortSelector small = new PortSelector(new SipHash(random), random, first, last, 1024);
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            Ports ports = new Ports(port -> true, port -> !taken.contains(port));
            int port = small.select(1, 2, 3, 4, 80, ports);
            assertThat(port).isBetween(first, last);
            taken.add(port);
        }
        assertThat(taken).hasSize(200);
        Ports none = new Ports(port -> true, port -> !taken.contains(port));
        assertThat(small.select(1, 2, 3, 4, 80, none)).isEqualTo(-1);
        assertThat(none.asked).isEqualTo(200);
    }

    @Test
    void aRangeMayBeOnePort() {
        PortSelector one = new PortSelector(new SipHash(random), random, 65_535, 65_535, 5);
        assertThat(one.select(1, 2, 3, 4, 80, all())).isEqualTo(65_535);
        assertThat(one.select(1, 2, 3, 4, 80, all())).isEqualTo(65_535);
    }

    @Test
    void theSearchIsBounded() {
        Ports none = new Ports(port -> false, port -> true);
        assertThat(selector.select(1, 2, 3, 4, 80, none)).isEqualTo(-1);
        assertThat(none.asked).isEqualTo(PortSelector.TRIES);
        assertThat(none.askedFree).isZero();
    }

    @Test
    void aSearchGoesOnWhereTheLastOneEnded() {
        PortSelector few =
                new PortSelector(
                        new SipHash(random), random, PortSelector.FIRST, PortSelector.LAST, 100);
        Set<Integer> asked = new HashSet<>();
        Ports none = new Ports(port -> !asked.add(port), port -> true);
        // Nothing is asked twice, until the range is through.
        for (int i = 0; i < 200; i++) {
            assertThat(few.select(1, 2, 3, 4, 80, none)).isEqualTo(-1);
        }
        assertThat(asked).hasSize(200 * 100);
    }

    @Test
    void withSixtyFourShardsAndHalfOfThePortsTakenItHardlyEverFails() {
        int failed = 0;
        for (int i = 0; i < 10_000; i++) {
            Ports ports = new Ports(port -> random.nextInt(64) == 0, port -> random.nextBoolean());
            failed += selector.select(1, 2, 3, i, 80, ports) < 0 ? 1 : 0;
        }
        assertThat(failed).isLessThan(20);
    }

    @Test
    void aRangeMustBeOneOfPorts() {
        assertThatThrownBy(() -> new PortSelector(new SipHash(random), random, 0, 10, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("first=0 last=10 triesMax=1");
        assertThatThrownBy(() -> new PortSelector(new SipHash(random), random, 10, 9, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PortSelector(new SipHash(random), random, 10, 65_536, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PortSelector(new SipHash(random), random, 10, 20, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
