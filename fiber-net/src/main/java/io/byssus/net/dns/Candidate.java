package io.byssus.net.dns;

import java.net.InetAddress;
import java.util.Optional;

/**
 * An address that a name has, and which of this machine's addresses would speak to it.
 *
 * @param reachable whether this machine has a way to it
 * @param source empty if that is not known
 */
record Candidate(InetAddress address, boolean reachable, Optional<InetAddress> source) {}
