package io.byssus.net.dns;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Answers that still hold, by the shard's clock. The time an answer holds is its server's, within
 * the options' bounds (RFC 2308 for those that say that there is nothing); failures are not kept.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class AnswerCache {
    private final int entriesMax;
    private final long ttlMinNanos;
    private final long ttlMaxNanos;
    private final long negativeTtlMaxNanos;

    /** The least recently used first. */
    private final Map<Question, Finding> entries = new LinkedHashMap<>(16, 0.75f, true);

    AnswerCache(ResolverOptions options) {
        this.entriesMax = options.cacheEntries();
        this.ttlMinNanos = nanos(options.ttlMin());
        this.ttlMaxNanos = nanos(options.ttlMax());
        this.negativeTtlMaxNanos = nanos(options.negativeTtlMax());
    }

    /** Null if there is none. */
    Finding get(Question question, long now) {
        Finding finding = entries.get(question);
        if (finding != null && finding.expiresNanos() <= now) {
            entries.remove(question);
            return null;
        }
        return finding;
    }

    /**
     * Keeps {@code finding} if it may be kept.
     *
     * @param ttlSeconds as its server says
     */
    void put(Question question, Finding finding, long ttlSeconds, long now) {
        long limit = finding.isFound() ? ttlMaxNanos : Math.min(ttlMaxNanos, negativeTtlMaxNanos);
        long ttl = Math.max(TimeUnit.SECONDS.toNanos(ttlSeconds), ttlMinNanos);
        ttl = Math.min(ttl, limit);
        if (ttl == 0 || entriesMax == 0 || !(finding.isFound() || finding.isNegative())) {
            return;
        }
        entries.put(question, finding.until(Math.max(now + ttl, now)));
        if (entries.size() > entriesMax) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    int size() {
        return entries.size();
    }

    void clear() {
        entries.clear();
    }

    private static long nanos(Duration time) {
        return Math.min(TimeUnit.NANOSECONDS.convert(time), Long.MAX_VALUE / 2);
    }
}
