package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.ip;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PathMtuCacheTest {
    private static final int PEER = ip("10.0.0.2");

    private final PathMtuCache cache = new PathMtuCache(1500, 4, 42);

    @Test
    void startsWithTheLinksAndFollowsReportsDown() {
        assertThat(cache.mtu(0, PEER)).isEqualTo(1500);
        assertThat(cache.onReport(0, PEER, 1400, 1500)).isTrue();
        assertThat(cache.mtu(0, PEER)).isEqualTo(1400);
        assertThat(cache.onReport(0, PEER, 1280, 1400)).isTrue();
        assertThat(cache.mtu(0, PEER)).isEqualTo(1280);
        assertThat(cache.mtu(0, ip("10.0.0.3"))).isEqualTo(1500);
    }

    @Test
    void aReportNeverRaisesIt() {
        cache.onReport(0, PEER, 1280, 1500);
        assertThat(cache.onReport(0, PEER, 1400, 1500)).isFalse();
        assertThat(cache.onReport(0, PEER, 1280, 1500)).isFalse();
        assertThat(cache.mtu(0, PEER)).isEqualTo(1280);
        assertThat(cache.counters()).hasToString("LOWERED=1 NOT_LOWER=2");
    }

    @Test
    void reportsThatCannotBeAreIgnored() {
        assertThat(cache.onReport(0, PEER, 67, 1500)).isFalse();
        assertThat(cache.onReport(0, PEER, 1, 1500)).isFalse();
        assertThat(cache.onReport(0, PEER, 1000, 1000)).isFalse(); // it would have fitted
        assertThat(cache.onReport(0, PEER, 1000, 40)).isFalse();
        assertThat(cache.onReport(0, PEER, 0, 68)).isFalse();
        assertThat(cache.mtu(0, PEER)).isEqualTo(1500);
        assertThat(cache.counters().count(PathMtuEvent.IMPLAUSIBLE)).isEqualTo(5);
        assertThat(cache.size()).isZero();
    }

    @Test
    void neverGoesBelowTheFloor() {
        assertThat(cache.onReport(0, PEER, 68, 1500)).isTrue();
        assertThat(cache.mtu(0, PEER)).isEqualTo(552);
        assertThat(cache.onReport(0, PEER, 68, 552)).isFalse();
        assertThat(cache.mtu(0, PEER)).isEqualTo(552);
    }

    @Test
    void anOldRoutersReportLeadsToTheNextPlateau() {
        assertThat(cache.onReport(0, PEER, 0, 1500)).isTrue();
        assertThat(cache.mtu(0, PEER)).isEqualTo(1492);
        cache.onReport(0, PEER, 0, 1492);
        cache.onReport(0, PEER, 0, 1400);
        assertThat(cache.mtu(0, PEER)).isEqualTo(1006);
        cache.onReport(0, PEER, 0, 65_535); // a lie about the length counts no more than the truth
        assertThat(cache.mtu(0, PEER)).isEqualTo(552);
    }

    @Test
    void aBlackHoleLeadsToTheNextPlateauDownToTheFloor() {
        assertThat(cache.onBlackHole(0, PEER)).isTrue();
        assertThat(cache.mtu(0, PEER)).isEqualTo(1492);
        while (cache.onBlackHole(0, PEER)) {
            assertThat(cache.mtu(0, PEER)).isGreaterThanOrEqualTo(552);
        }
        assertThat(cache.mtu(0, PEER)).isEqualTo(552);
    }

    @Test
    void theLinksIsTriedAgainTenMinutesAfterItFell() {
        cache.onReport(5, PEER, 1400, 1500);
        assertThat(cache.raisesAt(PEER)).isEqualTo(5 + PathMtuCache.AGE_NANOS);
        cache.onReport(100, PEER, 1400, 1500); // no news
        assertThat(cache.mtu(4 + PathMtuCache.AGE_NANOS, PEER)).isEqualTo(1400);
        assertThat(cache.mtu(5 + PathMtuCache.AGE_NANOS, PEER)).isEqualTo(1500);
        assertThat(cache.size()).isZero();
        assertThat(cache.raisesAt(PEER)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void thePathThatFellFirstGivesWay() {
        for (int i = 0; i < 5; i++) {
            cache.onReport(i, PEER + i, 1400, 1500);
        }
        assertThat(cache.size()).isEqualTo(4);
        assertThat(cache.mtu(5, PEER)).isEqualTo(1500);
        assertThat(cache.mtu(5, PEER + 4)).isEqualTo(1400);
        assertThat(cache.counters().count(PathMtuEvent.EVICTED)).isEqualTo(1);
    }

    private record Path(int mtu, long expiresAt) {}

    @Test
    void isAMapOfMinimaThatAge() {
        Random random = new Random(Seeds.next("PathMtuCacheTest"));
        PathMtuCache paths = new PathMtuCache(9000, 64, random.nextLong());
        Map<Integer, Path> model = new HashMap<>();
        long now = 0;
        for (int i = 0; i < 100_000; i++) {
            now += random.nextLong(PathMtuCache.AGE_NANOS / 50);
            int destination = random.nextInt(50);
            Path path = model.getOrDefault(destination, new Path(9000, Long.MAX_VALUE));
            int current = path.expiresAt <= now ? 9000 : path.mtu;
            assertThat(paths.mtu(now, destination)).isEqualTo(current);
            int reported = random.nextInt(10_000) + 1;
            int length = random.nextInt(10_000);
            boolean falls =
                    reported >= 68 && reported < length && Math.max(reported, 552) < current;
            assertThat(paths.onReport(now, destination, reported, length)).isEqualTo(falls);
            if (falls) {
                model.put(
                        destination,
                        new Path(Math.max(reported, 552), now + PathMtuCache.AGE_NANOS));
            }
        }
    }
}
