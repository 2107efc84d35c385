package io.byssus.net;

/**
 * What has become of the connections of a listener with a {@link ProxyProtocol}, on one shard.
 *
 * @param accepted with a header that was in order
 * @param malformed reset because it was not
 * @param late reset because it did not come in time
 * @param untrusted reset because its peer may not send one
 * @param pruned reset because it was the one that was silent for longest when there were too many
 * @param ended by the peer before its header, as a check of health does
 */
public record ProxyProtocolCounts(
        long accepted, long malformed, long late, long untrusted, long pruned, long ended) {}
