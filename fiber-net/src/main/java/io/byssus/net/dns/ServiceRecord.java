package io.byssus.net.dns;

/**
 * Where a service is to be found (RFC 2782).
 *
 * @param host its name, without the dot at the end; to be given to {@link
 *     io.byssus.net.Network#connect(String, int)}
 * @param priority those with a lower one come first
 * @param weight how often it comes first among those of its priority, compared with theirs
 */
public record ServiceRecord(String host, int port, int priority, int weight) {}
