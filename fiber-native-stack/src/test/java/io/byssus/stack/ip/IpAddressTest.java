package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.stack.wire.Ipv4Address;
import io.byssus.testing.Seeds;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    private final Random random = new Random(Seeds.next("IpAddressTest"));

    private static IpAddress parse(String literal) throws UnknownHostException {
        return IpAddress.of(InetAddress.getByName(literal));
    }

    @Test
    void anIpv4AddressIsMapped() {
        IpAddress address = IpAddress.ofIpv4(0x0a000001);
        assertThat(address).isEqualTo(new IpAddress(0, 0xffff_0a00_0001L));
        assertThat(address.isIpv4()).isTrue();
        assertThat(address.ipv4()).isEqualTo(0x0a000001);
    }

    @Test
    void aHighBitOfAnIpv4AddressIsNoSign() {
        IpAddress address = IpAddress.ofIpv4(Ipv4Address.LIMITED_BROADCAST);
        assertThat(address.low()).isEqualTo(0xffff_ffff_ffffL);
        assertThat(address.ipv4()).isEqualTo(Ipv4Address.LIMITED_BROADCAST);
        assertThat(address).hasToString("255.255.255.255");
    }

    @Test
    void everyIpv4AddressComesBack() throws UnknownHostException {
        for (int i = 0; i < 10_000; i++) {
            int bits = random.nextInt();
            IpAddress address = IpAddress.ofIpv4(bits);
            assertThat(address.ipv4()).isEqualTo(bits);
            assertThat(IpAddress.of(address.toInetAddress())).isEqualTo(address);
            assertThat(parse(address.toString())).isEqualTo(address);
        }
    }

    @Test
    void everyIpv6AddressComesBack() throws UnknownHostException {
        for (int i = 0; i < 10_000; i++) {
            IpAddress address = new IpAddress(random.nextLong(), random.nextLong());
            assertThat(address.isIpv4()).isFalse();
            assertThat(IpAddress.of(address.toInetAddress())).isEqualTo(address);
            assertThat(parse(address.toString())).isEqualTo(address);
        }
    }

    @Test
    void theHalvesOfAnIpv6AddressAreInTheOrderOfTheWire() throws UnknownHostException {
        assertThat(parse("2001:db8:1:2:3:4:5:6"))
                .isEqualTo(new IpAddress(0x2001_0db8_0001_0002L, 0x0003_0004_0005_0006L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::", "::1", "::a00:1", "::1:ffff:a00:1", "1::ffff:a00:1", "fe80::1"})
    void whatIsNotMappedIsNoIpv4Address(String literal) throws UnknownHostException {
        IpAddress address = parse(literal);
        assertThat(address.isIpv4()).isFalse();
        assertThatThrownBy(address::ipv4).isInstanceOf(AssertionError.class);
    }

    @Test
    void aMappedAddressIsTheIpv4Address() throws UnknownHostException {
        assertThat(new IpAddress(0, 0xffff_c0a8_0001L)).isEqualTo(parse("192.168.0.1"));
        assertThat(parse("::ffff:192.168.0.1")).isEqualTo(parse("192.168.0.1"));
    }

    @Test
    void theScopeIsNotKept() throws UnknownHostException {
        byte[] bytes = parse("fe80::1").toInetAddress().getAddress();
        InetAddress scoped = Inet6Address.getByAddress("", bytes, 3);
        assertThat(IpAddress.of(scoped)).isEqualTo(parse("fe80::1"));
    }

    @Test
    void eitherFamilyHasAnUnspecifiedAddress() throws UnknownHostException {
        assertThat(parse("0.0.0.0").isUnspecified()).isTrue();
        assertThat(parse("::").isUnspecified()).isTrue();
        assertThat(parse("0.0.0.1").isUnspecified()).isFalse();
        assertThat(parse("::1").isUnspecified()).isFalse();
        assertThat(parse("1::").isUnspecified()).isFalse();
    }
}
