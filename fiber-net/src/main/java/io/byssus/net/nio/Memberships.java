package io.byssus.net.nio;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.HashMap;
import java.util.Map;

/**
 * The multicast groups that a socket has joined.
 *
 * <p><b>Ownership:</b> of its socket, confined to its shard.
 */
final class Memberships {
    private record Membership(InetAddress group, NetworkInterface on, InetAddress source) {}

    private final DatagramChannel channel;
    private final Map<Membership, MembershipKey> keys = new HashMap<>();

    Memberships(DatagramChannel channel) {
        this.channel = channel;
    }

    /**
     * Becomes a member.
     *
     * @param source the one host that is to be heard; null for all
     */
    void join(InetAddress group, NetworkInterface on, InetAddress source) throws IOException {
        Membership membership = new Membership(group, on, source);
        if (keys.containsKey(membership)) {
            throw new SocketException("join: Address already in use: " + text(membership));
        }
        MembershipKey key;
        try {
            key = source == null ? channel.join(group, on) : channel.join(group, on, source);
        } catch (IOException e) {
            throw NioFailures.of("join", e, text(membership));
        } catch (IllegalStateException e) {
            // The other kind of membership is held.
            throw (IOException)
                    new SocketException("join: " + e.getMessage() + ": " + text(membership))
                            .initCause(e);
        }
        keys.put(membership, key);
    }

    /** Takes {@link #join} back. */
    void leave(InetAddress group, NetworkInterface on, InetAddress source) throws IOException {
        Membership membership = new Membership(group, on, source);
        MembershipKey key = keys.remove(membership);
        if (key == null) {
            throw new SocketException("leave: not a member: " + text(membership));
        }
        key.drop();
    }

    private static String text(Membership membership) {
        return membership.group.getHostAddress() + " on " + membership.on.getName();
    }
}
