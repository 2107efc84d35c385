package io.byssus.net;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The contract of datagrams, names and Unix sockets, kept by the kernel by way of java.nio, but for
 * the two parts that the JDK has not, and says so.
 */
class NioKernelContractTest {
    @Nested
    class Datagrams extends DatagramContract {
        Datagrams() {
            super(StackUnderTest.portable());
        }
    }

    @Nested
    class Names extends NamesContract {
        Names() {
            super(StackUnderTest.portable());
        }
    }

    @Nested
    class NamesUnderAttack extends NamesUnderAttackContract {
        NamesUnderAttack() {
            super(StackUnderTest.portable());
        }
    }

    @Nested
    class Multicast extends MulticastContract {
        Multicast() {
            super(StackUnderTest.portable());
        }
    }

    @Nested
    class MemoryShortage extends DatagramMemoryContract {
        MemoryShortage() {
            super(StackUnderTest.portable());
        }
    }

    @Nested
    class Unix extends UnixContract {
        Unix() {
            super(StackUnderTest.portable());
        }
    }

    @Nested
    class Refusals extends NetworkContract {
        Refusals() {
            super(StackUnderTest.portable());
        }

        @Test
        void destinationsOfDatagramsAreRefused() throws Exception {
            DatagramOptions options = DatagramOptions.defaults().withDestinations(true);
            onShard(() -> assertLacks(() -> Network.bindUdp(anyPort(), options)));
        }

        @Test
        void datagramsOfUnixSocketsAreRefused() throws Exception {
            UnixAddress address = UnixAddress.abstractName("nobody");
            DatagramOptions options = DatagramOptions.defaults();
            onShard(() -> {
                assertLacks(() -> Network.bindDatagram(address, options));
                assertLacks(() -> Network.connectDatagram(address, options));
            });
        }

        @Test
        void fastOpenIsRefused() throws Exception {
            onShard(() -> {
                assertLacks(
                        () -> Network.listen(anyPort(), ListenOptions.defaults().withFastOpen(1)));
                try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                    assertLacks(
                            () -> connect(listener, ConnectOptions.defaults().withFastOpen(true)));
                }
            });
        }
    }
}
