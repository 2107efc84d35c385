package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"0.0.0.0", "10.0.0.1", "127.0.0.1", "192.168.100.254", "255.255.255.255"})
    void anIpv4AddressReadsAsItIsWritten(String text) {
        assertThat(Ipv4Address.format(Ipv4Address.parse(text))).isEqualTo(text);
    }

    @Test
    void anIpv4AddressIsInTheOrderOfTheWire() {
        assertThat(Ipv4Address.parse("10.0.0.1")).isEqualTo(0x0a000001);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0",
                "10.0.0.1.2",
                "10.0.0.256",
                "10.0.0.-1",
                "10.0.0.01",
                "10.0.0.x",
                " 10.0.0.1"
            })
    void anythingElseIsNoIpv4Address(String text) {
        assertThatThrownBy(() -> Ipv4Address.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("IPv4 address '" + text + "': expected four numbers such as 10.0.0.1");
    }

    @Test
    void classesOfIpv4Addresses() {
        assertThat(Ipv4Address.isLoopback(Ipv4Address.parse("127.255.0.1"))).isTrue();
        assertThat(Ipv4Address.isLoopback(Ipv4Address.parse("128.0.0.1"))).isFalse();
        assertThat(Ipv4Address.isMulticast(Ipv4Address.parse("224.0.0.1"))).isTrue();
        assertThat(Ipv4Address.isMulticast(Ipv4Address.parse("239.255.255.255"))).isTrue();
        assertThat(Ipv4Address.isMulticast(Ipv4Address.parse("240.0.0.0"))).isFalse();
        assertThat(Ipv4Address.isReserved(Ipv4Address.parse("240.0.0.0"))).isTrue();
        assertThat(Ipv4Address.isReserved(Ipv4Address.LIMITED_BROADCAST)).isTrue();
        assertThat(Ipv4Address.isReserved(Ipv4Address.parse("223.1.1.1"))).isFalse();
        assertThat(Ipv4Address.isThisNetwork(Ipv4Address.parse("0.1.2.3"))).isTrue();
        assertThat(Ipv4Address.isThisNetwork(Ipv4Address.parse("1.0.0.0"))).isFalse();
    }

    @Test
    void masks() {
        assertThat(Ipv4Address.mask(0)).isZero();
        assertThat(Ipv4Address.format(Ipv4Address.mask(24))).isEqualTo("255.255.255.0");
        assertThat(Ipv4Address.format(Ipv4Address.mask(32))).isEqualTo("255.255.255.255");
        for (int length = 0; length <= 32; length++) {
            assertThat(Ipv4Address.isMask(Ipv4Address.mask(length))).isTrue();
        }
        assertThat(Ipv4Address.isMask(Ipv4Address.parse("255.0.255.0"))).isFalse();
        assertThat(Ipv4Address.isMask(Ipv4Address.parse("0.0.0.255"))).isFalse();
        assertThatThrownBy(() -> Ipv4Address.mask(33))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("33");
    }

    @Test
    void anEthernetAddressReadsAsItIsWritten() {
        long address = MacAddress.parse("02:42:ac:11:00:FE");
        assertThat(address).isEqualTo(0x0242_ac11_00feL);
        assertThat(MacAddress.format(address)).isEqualTo("02:42:ac:11:00:fe");
        assertThat(MacAddress.format(MacAddress.BROADCAST)).isEqualTo("ff:ff:ff:ff:ff:ff");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02:42:ac:11:00",
                "02:42:ac:11:00:1ff",
                "02:42:ac:11:00:0g",
                "02-42-ac-11-00-02"
            })
    void anythingElseIsNoEthernetAddress(String text) {
        assertThatThrownBy(() -> MacAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Ethernet address '" + text + "'");
    }

    @Test
    void groupAndLocalEthernetAddresses() {
        assertThat(MacAddress.isGroup(MacAddress.BROADCAST)).isTrue();
        assertThat(MacAddress.isGroup(MacAddress.parse("01:00:5e:00:00:01"))).isTrue();
        assertThat(MacAddress.isGroup(MacAddress.parse("02:42:ac:11:00:02"))).isFalse();
        long local = MacAddress.local(-1);
        assertThat(MacAddress.isGroup(local)).isFalse();
        assertThat(MacAddress.format(local)).startsWith("fe:");
    }
}
