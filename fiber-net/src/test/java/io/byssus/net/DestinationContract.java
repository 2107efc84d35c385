package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A host with several addresses answers from the one that was asked. */
abstract class DestinationContract extends NetworkContract {
    private static final DatagramOptions TELLING =
            DatagramOptions.defaults().withDestinations(true);

    DestinationContract(StackUnderTest stack) {
        super(stack);
    }

    private static UdpSocket bind(String host, DatagramOptions options) throws Exception {
        return Network.bindUdp(new InetSocketAddress(host, 0), options);
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.5", "0.0.0.0, 127.0.0.1", "::, 127.0.0.5", "::, ::1", "::1, ::1"})
    void anAnswerComesFromTheAddressThatWasAsked(String bound, String asked) throws Exception {
        onShard(() -> {
            try (UdpSocket server = bind(bound, TELLING);
                    UdpSocket client = Network.connectUdp(asked, server.localAddress().getPort())) {
                DatagramHeader header = new DatagramHeader();
                client.send(DatagramContract.payload("hello"));
                DatagramContract.assertReceives(server, header, "hello");
                assertThat(header.destination()).contains(InetAddress.getByName(asked));
                server.send(DatagramContract.payload("welcome"), header);
                client.timeout(Duration.ofSeconds(20));
                DatagramContract.assertReceives(client, new DatagramHeader(), "welcome");
            }
        });
    }

    /**
     * Who is asked at one address and answers from another is not heard: what the option is for.
     */
    @Test
    void withoutTheOptionItIsTheRoutingTableThatChooses() throws Exception {
        onShard(() -> {
            try (UdpSocket server = bind("0.0.0.0", DatagramOptions.defaults());
                    UdpSocket client =
                            Network.connectUdp("127.0.0.5", server.localAddress().getPort())) {
                DatagramHeader header = new DatagramHeader();
                client.send(DatagramContract.payload("hello"));
                DatagramContract.assertReceives(server, header, "hello");
                assertThat(header.destination()).isEmpty();
                server.send(DatagramContract.payload("welcome"), header);
                server.flush();
                client.timeout(Duration.ofMillis(50));
                assertThatThrownBy(client::receive).isInstanceOf(SocketTimeoutException.class);
            }
        });
    }

    /** The kernel cuts a message for one source address only. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answersToSeveralAddressesInOneBatchAreKeptApart(boolean coalescing) throws Exception {
        onShard(() -> {
            try (UdpSocket server = bind("0.0.0.0", TELLING.withCoalescing(coalescing));
                    UdpSocket client = bind("127.0.0.9", TELLING)) {
                int port = server.localAddress().getPort();
                for (int i = 0; i < 12; i++) {
                    String host = "127.0.0." + (1 + i / 4);
                    client.send(Talk.buffer(new byte[100]), new InetSocketAddress(host, port));
                }
                client.flush();
                DatagramHeader header = new DatagramHeader();
                for (int i = 0; i < 12; i++) {
                    Buffer payload = server.receive(header);
                    assertThat(header.destination().orElseThrow().getHostAddress())
                            .isEqualTo("127.0.0." + (1 + i / 4));
                    server.send(payload, header);
                }
                server.flush();
                for (int i = 0; i < 12; i++) {
                    client.receive(header).close();
                    assertThat(header.source().getHostString()).isEqualTo("127.0.0." + (1 + i / 4));
                }
                assertThat(server.counters().failed()).isZero();
            }
        });
    }

    @Test
    void aGroupIsToldApartAndAnsweredFromTheHost() throws Exception {
        NetworkInterface loopback = NetworkInterface.getByName("lo");
        InetAddress group = InetAddress.getByName("239.255.77.8");
        onShard(() -> {
            try (UdpSocket server = bind("0.0.0.0", TELLING);
                    UdpSocket client =
                            bind(
                                    "127.0.0.1",
                                    DatagramOptions.defaults().withMulticastInterface(loopback))) {
                server.join(group, loopback);
                DatagramHeader header = new DatagramHeader();
                client.send(
                        DatagramContract.payload("all"),
                        new InetSocketAddress(group, server.localAddress().getPort()));
                DatagramContract.assertReceives(server, header, "all");
                assertThat(header.destination()).contains(group);
                server.send(DatagramContract.payload("one"), header);
                DatagramContract.assertReceives(client, header, "one");
                assertThat(header.source().getHostString()).isEqualTo("127.0.0.1");
            }
        });
    }
}
