package io.byssus.net.dns;

/**
 * What a resolver has done so far.
 *
 * @param queries questions that were sent, repetitions included
 * @param overTcp those of them that went over TCP
 * @param cacheHits look-ups of one type of record that the cache answered
 * @param joined look-ups that waited for a query which another fiber had begun
 * @param strangers datagrams that were no answer to the question, and were ignored
 * @param cached answers that the cache holds now
 */
public record ResolverCounters(
        long queries, long overTcp, long cacheHits, long joined, long strangers, int cached) {}
