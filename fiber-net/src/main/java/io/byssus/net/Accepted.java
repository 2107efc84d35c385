package io.byssus.net;

import java.net.InetSocketAddress;

/**
 * What {@link Listener#accept} answers.
 *
 * @param connection owned by the caller, who closes it
 * @param remoteAddress the client's address and port
 */
public record Accepted(Connection connection, InetSocketAddress remoteAddress) {}
