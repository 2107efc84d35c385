package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ResolverOptionsTest {
    private static final ResolverOptions DEFAULTS = ResolverOptions.defaults();

    @Test
    void badValuesAreNamed() {
        assertRefused(() -> DEFAULTS.withNdots(16), "ndots=16: expected 0 to 15");
        assertRefused(() -> DEFAULTS.withNdots(-1), "ndots=-1: expected 0 to 15");
        assertRefused(() -> DEFAULTS.withAttempts(0), "attempts=0: expected 1 to 100");
        assertRefused(
                () -> DEFAULTS.withTimeout(Duration.ZERO), "timeout=PT0S: expected more than zero");
        assertRefused(() -> DEFAULTS.withCacheEntries(-1), "cacheEntries=-1: expected 0 or more");
        Duration negative = Duration.ofSeconds(-1);
        assertRefused(() -> DEFAULTS.withTtlMin(negative), "ttlMin=PT-1S: must not be negative");
        assertRefused(() -> DEFAULTS.withTtlMax(negative), "ttlMax=PT-1S: must not be negative");
        assertRefused(
                () -> DEFAULTS.withNegativeTtlMax(negative),
                "negativeTtlMax=PT-1S: must not be negative");
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("ns", 53);
        assertRefused(
                () -> DEFAULTS.withServers(unresolved), "server=" + unresolved + ": not resolved");
    }

    private static void assertRefused(Runnable change, String message) {
        assertThatThrownBy(change::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void optionsGoBeforeTheFile() {
        ResolvConf conf = ResolvConf.parse("nameserver 192.0.2.1\nsearch a.b\noptions ndots:3");
        ResolverSettings fromFile = ResolverSettings.of(DEFAULTS, conf);
        assertThat(fromFile.search()).containsExactly("a.b");
        assertThat(fromFile.ndots()).isEqualTo(3);
        InetSocketAddress server = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 5353);
        ResolverSettings given =
                ResolverSettings.of(
                        DEFAULTS.withServers(server).withSearch().withNdots(0).withRotate(true),
                        conf);
        assertThat(given.servers()).containsExactly(server);
        assertThat(given.search()).isEmpty();
        assertThat(given.ndots()).isZero();
        assertThat(given.rotate()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.53, 192.0.2.53, 53",
        "192.0.2.53:5353, 192.0.2.53, 5353",
        "2001:db8::53, 2001:db8::53, 53",
        "[2001:db8::53], 2001:db8::53, 53",
        "[::1]:5353, ::1, 5353"
    })
    void serversAreGivenAsPeopleWriteThem(String text, String address, int port) {
        assertThat(DnsProvider.parse(text))
                .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "ns.example.com", "192.0.2.53:", "192.0.2.53:0", "[::1]:x", "system"})
    void otherServersStopTheStart(String text) {
        assertThatThrownBy(() ->
                        Shards.start(
                                new RuntimeOptions()
                                        .smp(1)
                                        .overprovisioned(true)
                                        .dnsServers("192.0.2.1", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "--dns-server "
                                + text
                                + ": expected an address such as 192.0.2.53, 192.0.2.53:5353 or"
                                + " [2001:db8::53]:53, or system");
    }

    @Test
    void serversOnTheKernelsLoopbackAreOnesThatOtherStacksDoNotReach() {
        assertThat(DnsProvider.areLoopback(List.of())).isFalse();
        assertThat(DnsProvider.areLoopback(List.of(DnsProvider.parse("127.0.0.53")))).isTrue();
        assertThat(
                        DnsProvider.areLoopback(
                                List.of(DnsProvider.parse("::1"), DnsProvider.parse("192.0.2.53"))))
                .isFalse();
    }

    @Test
    void theSystemResolvesNamesIfAsked() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions().smp(1).overprovisioned(true).dnsServers("system");
        try (Shards shards = Shards.start(options)) {
            List<InetAddress> found = shards.submitTo(0, () -> Names.resolve("LocalHost"));
            assertThat(found).isNotEmpty().allMatch(InetAddress::isLoopbackAddress);
            shards.submitTo(
                    0,
                    () ->
                            assertThatThrownBy(() -> Names.services("_a._tcp.example.com"))
                                    .isInstanceOf(UnsupportedOperationException.class)
                                    .hasMessageContaining("--dns-server system"));
        }
    }
}
