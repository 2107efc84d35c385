package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Addresses of both families, and what is said about those that do not work. */
abstract class AddressContract extends NetworkContract {
    /** RFC 2606: it never exists. */
    private static final String NO_HOST = "no-such-host.invalid";

    AddressContract(StackUnderTest stack) {
        super(stack);
    }

    Stream<String> hosts() {
        return Stream.of(stack().host(), "::1");
    }

    Stream<String> hostsToListenOn() {
        return Stream.concat(hosts(), Stream.of("0.0.0.0", "::"));
    }

    @ParameterizedTest
    @MethodSource("hostsToListenOn")
    void connectionsOverBothFamilies(String host) throws Exception {
        onShard(() -> {
            InetSocketAddress any = new InetSocketAddress(host, 0);
            if (host.contains(":") && !stack().hasIpv6()) {
                assertThatThrownBy(() -> Network.listen(any, ListenOptions.defaults()))
                        .hasMessageContaining("Address family not supported by protocol");
                return;
            }
            try (Listener listener = Network.listen(any, ListenOptions.defaults())) {
                InetSocketAddress address = addressOf(listener);
                String target = host.contains(":") ? "::1" : address.getHostString();
                try (Connection client = Network.connect(target, address.getPort());
                        Connection server = listener.accept().connection()) {
                    Talk.assertConversation(client, server);
                    assertThat(server.remoteAddress())
                            .isEqualTo(stack().abroad(client.localAddress()));
                }
            }
        });
    }

    @Test
    void aConnectionMayStartFromAChosenAddress() throws Exception {
        onShard(() -> {
            ConnectOptions from =
                    ConnectOptions.defaults()
                            .withLocalAddress(new InetSocketAddress(stack().chosenHost(), 0));
            try (Pair pair = openPair(ListenOptions.defaults(), from)) {
                assertThat(pair.client().localAddress().getHostString())
                        .isEqualTo(stack().chosenHost());
                assertThat(pair.server().remoteAddress().getHostString())
                        .isEqualTo(stack().hostAbroad(stack().chosenHost()));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void nobodyListens(String host) throws Exception {
        onShard(() -> {
            if (host.contains(":") && !stack().hasIpv6()) {
                assertThatThrownBy(() -> Network.connect(host, 1))
                        .hasMessageContaining("Address family not supported by protocol");
                return;
            }
            InetSocketAddress gone;
            try (Listener listener =
                    Network.listen(new InetSocketAddress(host, 0), ListenOptions.defaults())) {
                gone = addressOf(listener);
            }
            assertThatThrownBy(() -> Network.connect(gone, ConnectOptions.defaults()))
                    .isInstanceOf(ConnectException.class)
                    .hasMessage("connect: Connection refused: " + Addresses.format(gone));
        });
    }

    @Test
    void theHostIsUnknown() throws Exception {
        onShard(() -> {
            assertThatThrownBy(() -> Network.connect(NO_HOST, 1234))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining(NO_HOST);
            InetSocketAddress unresolved = InetSocketAddress.createUnresolved(NO_HOST, 80);
            assertThatThrownBy(() -> Network.connect(unresolved, ConnectOptions.defaults()))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage(NO_HOST + ": unknown host");
            assertThatThrownBy(() -> Network.listen(unresolved, ListenOptions.defaults()))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage(NO_HOST + ": unknown host");
        });
    }

    @Test
    void thePortIsInUse() throws Exception {
        onShard(() -> {
            try (Listener first = Network.listen(0, ListenOptions.reuseAddress())) {
                int port = first.localAddress().getPort();
                for (ListenOptions options :
                        new ListenOptions[] {
                            ListenOptions.defaults(), ListenOptions.reuseAddress()
                        }) {
                    assertThatThrownBy(() -> Network.listen(port, options))
                            .isInstanceOf(BindException.class)
                            .hasMessage("bind: Address already in use: 0.0.0.0:" + port);
                }
            }
        });
    }

    /** RFC 5737: an address of nobody. */
    @Test
    void theAddressIsNotOurs() throws Exception {
        InetSocketAddress foreign = new InetSocketAddress("203.0.113.1", 1234);
        onShard(() ->
                assertThatThrownBy(() -> Network.listen(foreign, ListenOptions.defaults()))
                        .isInstanceOf(BindException.class)
                        .hasMessage("bind: Cannot assign requested address: 203.0.113.1:1234"));
    }

    @Test
    void theNetworkIsForFibersOnly() {
        assertThatThrownBy(() -> Network.listen(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not on a shard");
        assertThatThrownBy(() -> Network.connect(anyPort(), ConnectOptions.defaults()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not on a shard");
    }
}
