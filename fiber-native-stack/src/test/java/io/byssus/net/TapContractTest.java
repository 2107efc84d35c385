package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.NetworkNamespace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** The contract of the network API, kept by our own TCP over TAP, with the kernel in between. */
@Tag("tun")
class TapContractTest extends WireContract {
    @Override
    StackUnderTest stack() {
        return new TapStack();
    }

    /**
     * A runtime has a namespace with an interface of its own. The kernel there is the stack's
     * gateway, and what it is given for the address {@link #MIRROR} it sends back as from there.
     */
    private static final class TapStack implements StackUnderTest {
        private static final String DEVICE = "bysct0";
        private static final String KERNEL = "198.18.0.1"; // RFC 2544: for tests of devices
        private static final String HOST = "198.18.0.2";
        private static final String MIRROR = "198.19.0.2";

        private final List<NetworkNamespace> namespaces = new ArrayList<>();

        @Override
        public RuntimeOptions options() {
            RuntimeOptions options = new RuntimeOptions().networkStack("native");
            options.device()
                    .device("tap:" + DEVICE)
                    .hostIpv4Address(HOST)
                    .netmaskIpv4Address("255.255.255.0")
                    .gatewayIpv4Address(KERNEL);
            return options;
        }

        @Override
        public Shards start(RuntimeOptions options) throws Exception {
            NetworkNamespace namespace = NetworkNamespace.create();
            namespaces.add(namespace);
            // The kernel must neither mind whence the packets come nor know a shorter way for them.
            for (String who : List.of("all", "default")) {
                set(namespace, who + "/rp_filter", 0);
                set(namespace, who + "/send_redirects", 0);
            }
            set(namespace, "all/forwarding", 1);
            namespace.must("ip", "tuntap", "add", "dev", DEVICE, "mode", "tap", "multi_queue");
            namespace.must("ip", "addr", "add", KERNEL + "/24", "dev", DEVICE);
            namespace.must("ip", "link", "set", "dev", DEVICE, "up");
            namespace.must("nft", "add table ip mirror");
            namespace.must(
                    "nft", "add chain ip mirror in { type filter hook prerouting priority raw; }");
            namespace.must(
                    "nft",
                    "add rule ip mirror in ip saddr %s ip daddr %s ip daddr set %s ip saddr set %s"
                            .formatted(HOST, MIRROR, HOST, MIRROR));
            return namespace.run(() -> Shards.start(options));
        }

        private static void set(NetworkNamespace namespace, String name, int value)
                throws Exception {
            String file = "/proc/sys/net/ipv4/conf/" + name;
            namespace.must("sh", "-c", "echo " + value + " > " + file);
        }

        @Override
        public String host() {
            return HOST;
        }

        @Override
        public String chosenHost() {
            return HOST;
        }

        @Override
        public String hostAbroad(String host) {
            assert host.equals(HOST) : host;
            return MIRROR;
        }

        @Override
        public int buffersAtRest() {
            return 1;
        }

        @Override
        public boolean hasIpv6() {
            return false;
        }

        @Override
        public void close() {
            namespaces.forEach(NetworkNamespace::close);
        }
    }
}
