package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The contract of datagrams, kept by our own UDP over its loopback. */
class NativeDatagramsTest extends DatagramContract {
    NativeDatagramsTest() {
        super(new NativeLoopback());
    }

    @Test
    void aSocketThatNobodyReadsDropsWhatIsTooMuchAndNobodyElseNotices() throws Exception {
        onShard(() -> {
            try (UdpSocket sender = bind();
                    UdpSocket deaf = bind();
                    UdpSocket hearing = bind()) {
                int count = 5000;
                DatagramHeader header = new DatagramHeader();
                for (int i = 0; i < count; i++) {
                    sender.send(Talk.buffer(new byte[1000]), deaf.localAddress());
                    if (i % 100 == 99) {
                        sender.send(payload("number " + i), hearing.localAddress());
                        assertReceives(hearing, header, "number " + i);
                    }
                }
                assertThat(deaf.counters().dropped()).isBetween(count / 2L, (long) count);
                assertThat(deaf.counters().received()).isZero();
                long kept = count - deaf.counters().dropped();
                for (int i = 0; i < kept; i++) {
                    deaf.receive().close();
                }
                sender.send(payload("again"), deaf.localAddress());
                assertReceives(deaf, header, "again");
                assertThat(Network.report()).contains("UdpRcvbufErrors");
            }
        });
    }

    @Test
    void anAnswerComesFromTheAddressThatWasAsked() throws Exception {
        DatagramOptions telling = DatagramOptions.defaults().withDestinations(true);
        onShard(() -> {
            InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
            try (UdpSocket server = Network.bindUdp(everywhere, telling);
                    UdpSocket client =
                            Network.connectUdp("127.0.0.5", server.localAddress().getPort())) {
                client.send(payload("hello"));
                DatagramHeader header = new DatagramHeader();
                assertReceives(server, header, "hello");
                assertThat(header.destination()).contains(InetAddress.getByName("127.0.0.5"));
                server.send(payload("welcome"), header);
                client.timeout(Duration.ofSeconds(20));
                assertReceives(client, header, "welcome");
            }
        });
    }

    @Test
    void theLargestDatagramArrivesAndOneThatNoPacketHoldsIsRefused() throws Exception {
        DatagramOptions wide =
                DatagramOptions.defaults().withPayloadBytesMax(DatagramOptions.PAYLOAD_BYTES_LIMIT);
        onShard(() -> {
            try (UdpSocket one = Network.bindUdp(anyPort(), wide)) {
                byte[] largest = Talk.pattern(65_507);
                one.send(Talk.buffer(largest), one.localAddress());
                try (Buffer payload = one.receive()) {
                    Talk.assertSame(payload.toByteArray(), largest);
                }
                one.send(Talk.buffer(new byte[65_508]), one.localAddress());
                assertThatThrownBy(one::flush)
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("Message too long");
            }
        });
    }

    @Test
    void whatTheStackHasNotIsRefusedWithASentence() throws Exception {
        onShard(() -> {
            InetAddress group = InetAddress.getByName("239.1.2.3");
            try (UdpSocket socket = bind()) {
                NetworkInterface loopback = NetworkInterface.getByName("lo");
                assertThatThrownBy(() -> socket.join(group, loopback))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("no multicast");
                socket.send(payload("x"), new InetSocketAddress(group, 9));
                assertThatThrownBy(socket::flush).isInstanceOf(SocketException.class);
                socket.send(payload("x"), new InetSocketAddress("255.255.255.255", 9));
                assertThatThrownBy(socket::flush)
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("Permission denied");
            }
            assertThatThrownBy(() ->
                            Network.bindUdp(
                                    new InetSocketAddress("::1", 0), DatagramOptions.defaults()))
                    .isInstanceOf(SocketException.class);
            assertThatThrownBy(() ->
                            Network.bindUdp(
                                    new InetSocketAddress("192.0.2.77", 0),
                                    DatagramOptions.defaults()))
                    .isInstanceOf(BindException.class);
            assertThatThrownBy(() ->
                            Network.bindDatagram(
                                    UnixAddress.abstractName("x"), DatagramOptions.defaults()))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("--network-stack posix");
        });
    }
}
