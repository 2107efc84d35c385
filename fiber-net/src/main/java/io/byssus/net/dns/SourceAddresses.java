package io.byssus.net.dns;

import io.byssus.net.DatagramOptions;
import io.byssus.net.Network;
import io.byssus.net.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Which of this machine's addresses would speak to another one: the kernel tells when a UDP socket
 * is connected, which sends nothing.
 *
 * <p><b>Ownership:</b> fibers of any shard.
 */
final class SourceAddresses {
    /** Any but 0 will do. */
    private static final int PORT = 53;

    private SourceAddresses() {}

    static Candidate candidate(InetAddress address) {
        if (address.isLoopbackAddress()) {
            return new Candidate(address, true, Optional.of(address));
        }
        try (UdpSocket socket =
                Network.connectUdp(
                        new InetSocketAddress(address, PORT), DatagramOptions.defaults())) {
            return new Candidate(address, true, Optional.of(socket.localAddress().getAddress()));
        } catch (IOException e) {
            return new Candidate(address, false, Optional.empty());
        } catch (UnsupportedOperationException e) {
            return new Candidate(address, true, Optional.empty()); // nobody can tell
        }
    }
}
