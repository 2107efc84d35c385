package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.Addresses;
import io.byssus.net.dns.Names;
import io.byssus.net.dns.Resolver;
import io.byssus.net.dns.ResolverOptions;
import io.byssus.net.dns.ServiceRecord;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names as dnsmasq serves them, compared with what dig says. */
@Timeout(120)
class DnsmasqTest {
    private static final int MANY = 200;

    @TempDir private Path folder;

    private Dnsmasq dnsmasq;
    private Shards shards;

    @BeforeEach
    void start() throws Exception {
        dnsmasq = Dnsmasq.start(records());
        shards =
                Shards.start(
                        new RuntimeOptions()
                                .smp(2)
                                .overprovisioned(true)
                                .dnsServers(dnsmasq.address()));
    }

    @AfterEach
    void stop() throws Exception {
        if (shards != null) {
            shards.close();
        }
        dnsmasq.close();
    }

    private List<String> records() throws IOException {
        Path hosts = folder.resolve("hosts-of-dnsmasq");
        StringBuilder lines = new StringBuilder();
        lines.append("192.0.2.7 listed.example.test\n2001:db8::7 listed.example.test\n");
        for (int i = 1; i <= MANY; i++) {
            lines.append("192.0.2.").append(i).append(" many.example.test\n");
        }
        Files.writeString(hosts, lines);
        return List.of(
                "--addn-hosts=" + hosts,
                "--host-record=both.example.test,192.0.2.1,2001:db8::1",
                "--host-record=local.example.test,127.0.0.1,::1",
                "--cname=alias.example.test,both.example.test",
                "--srv-host=_http._tcp.example.test,both.example.test,80,10,5",
                "--srv-host=_http._tcp.example.test,listed.example.test,81,5,1",
                "--txt-record=big.example.test," + "x".repeat(200));
    }

    private <T> T onShard(Callable<T> body) throws Exception {
        return shards.submitTo(0, body::call);
    }

    private static Set<String> texts(List<InetAddress> addresses) {
        return addresses.stream().map(DnsmasqTest::text).collect(Collectors.toSet());
    }

    /** As dig writes them. */
    private static String text(InetAddress address) {
        String text = Addresses.format(new InetSocketAddress(address, 0));
        return text.substring(0, text.length() - ":0".length()).replaceAll("^\\[|]$", "");
    }

    private Set<String> digAddresses(String name) throws Exception {
        Set<String> all = dnsmasq.dig(name, "A");
        all.addAll(dnsmasq.dig(name, "AAAA"));
        all.removeIf(line -> line.endsWith(".")); // the aliases on the way
        return all;
    }

    @Test
    void addressesAreThoseThatDigSees() throws Exception {
        for (String name : List.of("both", "alias", "listed", "local")) {
            String host = name + ".example.test";
            List<InetAddress> found = onShard(() -> Names.resolve(host));
            assertThat(texts(found)).isEqualTo(digAddresses(host)).hasSize(2);
        }
    }

    @Test
    void whatDoesNotFitADatagramComesOverTcp() throws Exception {
        List<InetAddress> found = onShard(() -> Names.resolve("many.example.test"));
        assertThat(digAddresses("many.example.test")).hasSize(MANY).containsAll(texts(found));
        assertThat(found).hasSize(64);
        assertThat(onShard(() -> Names.resolver().counters().overTcp())).isEqualTo(1);
    }

    @Test
    void servicesAreThoseThatDigSees() throws Exception {
        List<ServiceRecord> services = onShard(() -> Names.services("_http._tcp.example.test"));
        assertThat(services)
                .containsExactly(
                        new ServiceRecord("listed.example.test", 81, 5, 1),
                        new ServiceRecord("both.example.test", 80, 10, 5));
        assertThat(dnsmasq.dig("_http._tcp.example.test", "SRV"))
                .isEqualTo(
                        services.stream()
                                .map(service ->
                                        service.priority()
                                                + " "
                                                + service.weight()
                                                + " "
                                                + service.port()
                                                + " "
                                                + service.host()
                                                + ".")
                                .collect(Collectors.toSet()));
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        assertThat(digAddresses("nobody.example.test")).isEmpty();
        assertThatThrownBy(() -> onShard(() -> Names.resolve("nobody.example.test.")))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("no such name, says " + dnsmasq.address());
        assertThatThrownBy(() -> onShard(() -> Names.resolve("big.example.test.")))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("the name has no A record");
    }

    @Test
    void theHostsFileComesFirst() throws Exception {
        Path hosts = folder.resolve("hosts");
        Files.writeString(hosts, "192.0.2.99 both.example.test\n");
        ResolverOptions options =
                ResolverOptions.defaults()
                        .withServers(new InetSocketAddress(Dnsmasq.LOOPBACK, dnsmasq.port()))
                        .withSearch("example.test")
                        .withHostsFile(hosts);
        assertThat(onShard(() -> texts(Resolver.of(options).resolve("both.example.test"))))
                .containsExactly("192.0.2.99");
        assertThat(onShard(() -> texts(Resolver.of(options).resolve("both"))))
                .containsExactlyInAnyOrder("192.0.2.1", "2001:db8::1");
    }

    @Test
    void everyShardAsksForItself() throws Exception {
        List<Integer> found =
                IntStream.range(0, 2)
                        .mapToObj(shard -> {
                            try {
                                return shards.submitTo(
                                        shard, () -> Names.resolve("both.example.test").size());
                            } catch (Exception e) {
                                throw new AssertionError(e);
                            }
                        })
                        .toList();
        assertThat(found).containsExactly(2, 2);
    }

    /** The relay's target is a name, whose IPv6 address nobody listens on. */
    @Test
    void theProxyExampleConnectsByName() throws Exception {
        try (ServerSocket upstream = new ServerSocket(0, 50, Dnsmasq.LOOPBACK);
                RunningExample proxy =
                        RunningExample.start(
                                "proxy",
                                "--dns-server",
                                dnsmasq.address(),
                                "--to",
                                "local.example.test:" + upstream.getLocalPort())) {
            upstream.setSoTimeout(20_000);
            try (Socket client = proxy.connect();
                    Socket server = upstream.accept()) {
                client.getOutputStream().write('x');
                assertThat(server.getInputStream().read()).isEqualTo('x');
            }
            proxy.stopCleanly();
        }
    }
}
