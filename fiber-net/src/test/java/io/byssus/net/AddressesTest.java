package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
    /** RFC 5952: how IPv6 addresses are written. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1:1234",
        "0.0.0.0, 0.0.0.0:1234",
        "::1, [::1]:1234",
        "::, [::]:1234",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:1234",
        "2001:DB8::A:0:0:1, [2001:db8::a:0:0:1]:1234",
        "1:2:3:4:5:6:0:8, [1:2:3:4:5:6:0:8]:1234",
    })
    void addressesAreWrittenAsPeopleWriteThem(String host, String text) throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), 1234);
        assertThat(Addresses.format(address)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"no-such-host.invalid, no-such-host.invalid:80"})
    void anUnresolvedHostKeepsItsName(String host, String text) {
        assertThat(Addresses.format(InetSocketAddress.createUnresolved(host, 80))).isEqualTo(text);
    }
}
