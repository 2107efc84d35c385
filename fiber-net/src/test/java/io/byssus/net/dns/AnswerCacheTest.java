package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.time.ManualClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

class AnswerCacheTest {
    private final ManualClock clock = new ManualClock();

    private static Question question(String name) {
        return new Question(Name.fromConstantString(name), Type.A);
    }

    private static Finding found() {
        return new Finding(
                Finding.Kind.FOUND,
                List.of(),
                List.of(new ServiceRecord("a", 1, 1, 1)),
                "says somebody",
                0);
    }

    private boolean has(AnswerCache cache, String name) {
        return cache.get(question(name), clock.nanoTime()) != null;
    }

    private void put(AnswerCache cache, String name, Finding finding, long ttlSeconds) {
        cache.put(question(name), finding, ttlSeconds, clock.nanoTime());
    }

    @Test
    void anAnswerHoldsAsLongAsItsServerSays() {
        AnswerCache cache = new AnswerCache(ResolverOptions.defaults());
        put(cache, "a.", found(), 30);
        clock.advance(Duration.ofSeconds(29));
        assertThat(has(cache, "A.")).isTrue();
        assertThat(has(cache, "b.")).isFalse();
        clock.advance(Duration.ofSeconds(1));
        assertThat(has(cache, "a.")).isFalse();
        assertThat(cache.size()).isZero();
    }

    @Test
    void theOptionsBoundIt() {
        AnswerCache cache =
                new AnswerCache(
                        ResolverOptions.defaults()
                                .withTtlMin(Duration.ofSeconds(10))
                                .withTtlMax(Duration.ofSeconds(20))
                                .withNegativeTtlMax(Duration.ofSeconds(15)));
        put(cache, "brief.", found(), 0);
        put(cache, "long.", found(), Integer.MAX_VALUE);
        put(cache, "none.", Finding.without(Finding.Kind.NO_NAME, ""), 1000);
        clock.advance(Duration.ofSeconds(9));
        assertThat(has(cache, "brief.")).isTrue();
        clock.advance(Duration.ofSeconds(5));
        assertThat(has(cache, "brief.")).isFalse();
        assertThat(has(cache, "none.")).isTrue();
        clock.advance(Duration.ofSeconds(5));
        assertThat(has(cache, "none.")).isFalse();
        assertThat(has(cache, "long.")).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(has(cache, "long.")).isFalse();
    }

    @Test
    void whatMayNotBeKeptIsNot() {
        AnswerCache cache = new AnswerCache(ResolverOptions.defaults());
        put(cache, "zero.", found(), 0);
        put(cache, "failed.", Finding.without(Finding.Kind.FAILED, ""), 10);
        put(cache, "silent.", Finding.without(Finding.Kind.SILENT, ""), 10);
        assertThat(cache.size()).isZero();
        AnswerCache none = new AnswerCache(ResolverOptions.defaults().withCacheEntries(0));
        put(none, "a.", found(), 10);
        assertThat(none.size()).isZero();
    }

    @Test
    void theLeastRecentlyUsedMakesRoom() {
        AnswerCache cache = new AnswerCache(ResolverOptions.defaults().withCacheEntries(2));
        put(cache, "a.", found(), 10);
        put(cache, "b.", found(), 10);
        assertThat(has(cache, "a.")).isTrue();
        put(cache, "c.", found(), 10);
        assertThat(cache.size()).isEqualTo(2);
        assertThat(has(cache, "b.")).isFalse();
        assertThat(has(cache, "a.")).isTrue();
    }
}
