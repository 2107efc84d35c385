package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Datagrams for more than one receiver, over the loopback interface. */
abstract class MulticastContract extends NetworkContract {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final DatagramOptions REUSE = DatagramOptions.defaults().withReuseAddress(true);

    MulticastContract(StackUnderTest stack) {
        super(stack);
    }

    private static NetworkInterface loopback() throws IOException {
        return NetworkInterface.getByName("lo");
    }

    private static void assertHears(UdpSocket socket, String text) throws IOException {
        DatagramContract.assertReceives(socket, new DatagramHeader(), text);
    }

    private static void assertHearsNothing(UdpSocket socket) {
        socket.timeout(SHORT);
        assertThatThrownBy(socket::receive).isInstanceOf(SocketTimeoutException.class);
        socket.timeout(Duration.ZERO);
    }

    @Test
    void membersHearWhatIsSentToTheGroupUntilTheyLeave() throws Exception {
        InetAddress group = InetAddress.getByName("239.255.77.7");
        onShard(() -> {
            InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
            DatagramOptions sending = REUSE.withMulticastInterface(loopback());
            try (UdpSocket one = Network.bindUdp(any, REUSE);
                    UdpSocket two = Network.bindUdp(one.localAddress(), REUSE);
                    UdpSocket sender = Network.bindUdp(any, sending.withMulticastTtl(0))) {
                InetSocketAddress to = new InetSocketAddress(group, one.localAddress().getPort());
                one.join(group, loopback());
                two.join(group, loopback());
                sender.send(DatagramContract.payload("to all"), to);
                sender.flush();
                assertHears(one, "to all");
                assertHears(two, "to all");
                two.leave(group, loopback());
                one.leave(group, loopback());
                one.join(group, loopback());
                sender.send(DatagramContract.payload("to one"), to);
                sender.flush();
                assertHears(one, "to one");
                assertThatThrownBy(() -> one.join(group, loopback()))
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("lo");
                assertThatThrownBy(
                                () -> {
                                    two.leave(group, loopback());
                                    two.leave(group, loopback());
                                })
                        .isInstanceOf(SocketException.class);
            }
        });
    }

    /** The loopback interface has no route for groups of IPv6, so nothing can be sent there. */
    @Test
    void groupsOfIpv6CanBeJoinedAndLeft() throws Exception {
        InetAddress group = InetAddress.getByName("ff02::7777");
        onShard(() -> {
            InetSocketAddress any = new InetSocketAddress("::", 0);
            DatagramOptions options =
                    DatagramOptions.defaults()
                            .withMulticastInterface(loopback())
                            .withMulticastTtl(7)
                            .withMulticastLoop(false);
            try (UdpSocket socket = Network.bindUdp(any, options)) {
                socket.join(group, loopback());
                assertThatThrownBy(() -> socket.join(group, loopback()))
                        .isInstanceOf(SocketException.class);
                socket.leave(group, loopback());
                assertThatThrownBy(() -> socket.leave(group, loopback()))
                        .isInstanceOf(SocketException.class);
            }
        });
    }

    @Test
    void theSendersHostHearsNothingWithoutLoop() throws Exception {
        InetAddress group = InetAddress.getByName("239.255.77.8");
        onShard(() -> {
            InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
            DatagramOptions sending =
                    REUSE.withMulticastInterface(loopback()).withMulticastLoop(false);
            try (UdpSocket member = Network.bindUdp(any, REUSE);
                    UdpSocket sender = Network.bindUdp(any, sending)) {
                member.join(group, loopback());
                InetSocketAddress to =
                        new InetSocketAddress(group, member.localAddress().getPort());
                sender.send(DatagramContract.payload("elsewhere"), to);
                assertThat(sender.counters().failed()).isZero();
            }
        });
    }

    /** RFC 4607. */
    @Test
    void aMemberForOneSourceHearsThatSourceAlone() throws Exception {
        InetAddress group = InetAddress.getByName("232.1.2.3");
        onShard(() -> {
            InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
            DatagramOptions sending = REUSE.withMulticastInterface(loopback());
            InetAddress chosen = InetAddress.getByName("127.0.0.2");
            try (UdpSocket member = Network.bindUdp(any, REUSE);
                    UdpSocket wrong =
                            Network.bindUdp(new InetSocketAddress("127.0.0.3", 0), sending);
                    UdpSocket right =
                            Network.bindUdp(new InetSocketAddress("127.0.0.2", 0), sending)) {
                InetSocketAddress to =
                        new InetSocketAddress(group, member.localAddress().getPort());
                member.join(group, loopback(), chosen);
                wrong.send(DatagramContract.payload("wrong"), to);
                wrong.flush();
                right.send(DatagramContract.payload("right"), to);
                right.flush();
                assertHears(member, "right");
                member.leave(group, loopback(), chosen);
                assertHearsNothing(member);
            }
        });
    }

    @Test
    void onlyAMulticastAddressCanBeJoined() throws Exception {
        onShard(() -> {
            try (UdpSocket socket = Network.bindUdp(0)) {
                assertThatThrownBy(
                                () -> socket.join(InetAddress.getByName("192.0.2.1"), loopback()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("group=192.0.2.1");
            }
        });
    }

    /** RFC 919; RFC 1122, 3.2.1.3 (d). */
    @Test
    void broadcastNeedsTheOption() throws Exception {
        onShard(() -> {
            DatagramOptions options = DatagramOptions.defaults();
            InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
            try (UdpSocket receiver = Network.bindUdp(any, options);
                    UdpSocket without = Network.bindUdp(any, options);
                    UdpSocket with = Network.bindUdp(any, options.withBroadcast(true))) {
                InetSocketAddress everybody =
                        new InetSocketAddress("127.255.255.255", receiver.localAddress().getPort());
                without.send(DatagramContract.payload("hear"), everybody);
                assertThatThrownBy(without::flush)
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining(Addresses.format(everybody));
                with.send(DatagramContract.payload("hear"), everybody);
                with.flush();
                assertHears(receiver, "hear");
            }
        });
    }
}
