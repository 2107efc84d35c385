package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IcmpLimiterTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int PEER = 0x0a000002;

    private final Random random = new Random(Seeds.next("IcmpLimiterTest"));
    private final IcmpLimiter limiter = new IcmpLimiter(random);

    private int allowed(long now, IcmpMessage message, int destination, int asked) {
        int allowed = 0;
        for (int i = 0; i < asked; i++) {
            allowed += limiter.allows(now, message, destination) ? 1 : 0;
        }
        return allowed;
    }

    @Test
    void oneDestinationGetsABurstAndThenItsRate() {
        // 16 units, of which each takes 1 to 3.
        assertThat(allowed(0, IcmpMessage.PORT_UNREACHABLE, PEER, 1_000)).isBetween(5, 16);
        int later = 0;
        for (int second = 1; second <= 100; second++) {
            later += allowed(second * SECOND, IcmpMessage.PORT_UNREACHABLE, PEER, 100);
        }
        assertThat(later).isBetween(250, 700); // 400 is the mean, but the cheap ones get through
    }

    @Test
    void kindsDoNotShareALimit() {
        allowed(0, IcmpMessage.PORT_UNREACHABLE, PEER, 1_000);
        assertThat(limiter.allows(0, IcmpMessage.PROTOCOL_UNREACHABLE, PEER)).isTrue();
        assertThat(limiter.allows(0, IcmpMessage.ECHO_REPLY, PEER)).isTrue();
    }

    @Test
    void whatOthersGotIsSeenByFewOnly() {
        allowed(0, IcmpMessage.PORT_UNREACHABLE, PEER, 1_000);
        int silenced = 0;
        for (int other = 0; other < 256; other++) {
            // In an order of its own: a first message finds a full bucket unless it is the peer's.
            IcmpLimiter fresh = new IcmpLimiter(random);
            allowed(fresh, PEER);
            silenced += fresh.allows(0, IcmpMessage.PORT_UNREACHABLE, 0x0b000000 + other) ? 0 : 1;
        }
        assertThat(silenced).isLessThan(10); // 1 is expected
    }

    private static void allowed(IcmpLimiter fresh, int destination) {
        for (int i = 0; i < 1_000; i++) {
            fresh.allows(0, IcmpMessage.PORT_UNREACHABLE, destination);
        }
    }

    @Test
    void theSumOverAllDestinationsIsBounded() {
        int allowed = 0;
        for (int i = 0; i < 100_000; i++) {
            allowed += limiter.allows(0, IcmpMessage.PORT_UNREACHABLE, random.nextInt()) ? 1 : 0;
        }
        assertThat(allowed).isLessThanOrEqualTo(IcmpLimiter.BUCKETS * 16);
    }

    @Test
    void howManyMessagesEmptyABucketIsNotKnownBefore() {
        Set<Integer> counts = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            IcmpLimiter fresh = new IcmpLimiter(random);
            int allowed = 0;
            while (fresh.allows(0, IcmpMessage.PORT_UNREACHABLE, PEER)) {
                allowed++;
            }
            counts.add(allowed);
        }
        assertThat(counts).hasSizeGreaterThan(3);
    }

    @Test
    void whoSharesABucketChangesEveryMinute() {
        int neighbour = sharer(0);
        int stillTogether = 0;
        for (int minute = 1; minute <= 20; minute++) {
            long now = minute * IcmpLimiter.SECRET_NANOS;
            allowed(now, IcmpMessage.PORT_UNREACHABLE, PEER, 1_000);
            stillTogether += limiter.allows(now, IcmpMessage.PORT_UNREACHABLE, neighbour) ? 0 : 1;
        }
        assertThat(stillTogether).isLessThan(5);
    }

    /** An address whose bucket is empty when the peer's is, and only then. */
    private int sharer(long now) {
        allowed(now, IcmpMessage.PORT_UNREACHABLE, PEER, 1_000);
        int address = 0x0b000000;
        while (limiter.allows(now, IcmpMessage.PORT_UNREACHABLE, address)) {
            address++;
        }
        return address;
    }
}
