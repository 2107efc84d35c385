package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostnamesTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "::1, 0:0:0:0:0:0:0:1",
        "[2001:db8::1], 2001:db8:0:0:0:0:0:1",
        "::ffff:192.0.2.1, 192.0.2.1",
        "fe80::1%7, fe80:0:0:0:0:0:0:1%7",
        "127.1, 127.0.0.1"
    })
    void addressesAreNotLookedUp(String text, String address) throws Exception {
        assertThat(Hostnames.literal(text).orElseThrow().getHostAddress()).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.2.3.400",
                "1.2.3.4.",
                "1.2.3.4.5",
                ":::",
                "a:b",
                "fe80::1%no-such",
                "[::1"
            })
    void whatLooksLikeAnAddressHasToBeOne(String text) {
        assertThatThrownBy(() -> Hostnames.literal(text))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage(text + ": neither an address nor a name");
    }

    @ParameterizedTest
    @CsvSource({
        "WWW.Example.COM, www.example.com",
        "a.b., a.b.",
        "_http._tcp.x, _http._tcp.x",
        "müller.example, xn--mller-kva.example",
        "例え.テスト, xn--r8jz45g.xn--zckzah",
        "3com.com, 3com.com",
        "1e100.net, 1e100.net"
    })
    void namesAreInAsciiAndLowerCase(String name, String ascii) throws Exception {
        assertThat(Hostnames.literal(name)).isEmpty();
        assertThat(Hostnames.ascii(name)).isEqualTo(ascii);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "a..b", ".a", "a b", "a\\.b", "a\u0000", "http://a", "a@b", "a\n"})
    void otherTextIsNoName(String text) {
        assertThatThrownBy(() -> Hostnames.ascii(text))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageStartingWith("host=" + text + ": no name: ");
    }

    @Test
    void namesHaveALength() throws Exception {
        String label = "a".repeat(63);
        String longest = label + "." + label + "." + label + "." + "a".repeat(61);
        assertThat(Hostnames.ascii(longest)).hasSize(253);
        assertThat(Hostnames.ascii(longest + ".")).hasSize(254);
        assertThatThrownBy(() -> Hostnames.ascii(longest + "a"))
                .hasMessageContaining("more than 253 characters");
        assertThatThrownBy(() -> Hostnames.ascii(label + "a")).hasMessageContaining("1 to 63");
        assertThatThrownBy(() -> Hostnames.ascii("ü".repeat(100)))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void localhostIsKnown() {
        assertThat(Hostnames.isLocalhost("localhost")).isTrue();
        assertThat(Hostnames.isLocalhost("localhost.")).isTrue();
        assertThat(Hostnames.isLocalhost("a.localhost")).isTrue();
        assertThat(Hostnames.isLocalhost("notlocalhost")).isFalse();
        assertThat(Hostnames.isLocalhost("localhost.com")).isFalse();
    }

    @Test
    void anAddressGetsItsName() throws Exception {
        InetAddress named = Hostnames.named("here", InetAddress.ofLiteral("fe80::1%7"));
        assertThat(named.toString()).isEqualTo("here/fe80:0:0:0:0:0:0:1%7");
        assertThat(Hostnames.named("here", InetAddress.ofLiteral("10.0.0.1")).getHostName())
                .isEqualTo("here");
    }
}
