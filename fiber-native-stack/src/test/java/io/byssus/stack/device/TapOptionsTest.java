package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.stack.wire.MacAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TapOptionsTest {
    @Test
    void theDefaultIsOneQueueWithoutOffloads() {
        TapOptions options = TapOptions.of("tap0");
        assertThat(options.queues()).isEqualTo(1);
        assertThat(options.offloads()).isEqualTo(TapOptions.Offloads.NONE);
    }

    @Test
    void theDefaultAddressIsLocalAndFollowsFromTheName() {
        long address = TapOptions.of("tap0").macAddress();
        assertThat(address).isEqualTo(MacAddress.local(address));
        assertThat(MacAddress.isGroup(address)).isFalse();
        assertThat(TapOptions.of("tap0").macAddress()).isEqualTo(address);
        assertThat(TapOptions.of("tap1").macAddress()).isNotEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a-name-of-16-byt", "öööööööö"})
    void namesThatAreEmptyOrTooLongAreRefused(String name) {
        assertThatThrownBy(() -> TapOptions.of(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("interface name '" + name + "': expected 1 to 15 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..", "a/b", "a b", "tap%d", "eth0:1", "a\n"})
    void namesThatMeanSomethingElseToTheKernelAreRefused(String name) {
        assertThatThrownBy(() -> TapOptions.of(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected no blank and none of / : %");
    }

    @Test
    void fifteenBytesAreAName() {
        assertThat(TapOptions.of("a-name-of-15-by").interfaceName()).hasSize(15);
    }

    @Test
    void impossibleCountsAndAddressesAreRefused() {
        TapOptions options = TapOptions.of("tap0");
        assertThatThrownBy(() -> options.withQueues(0)).hasMessage("queues=0: expected 1 to 256");
        assertThatThrownBy(() -> options.withQueues(257)).hasMessageContaining("queues=257");
        assertThatThrownBy(() -> options.withMacAddress(MacAddress.BROADCAST))
                .hasMessage("macAddress=ff:ff:ff:ff:ff:ff: expected the address of one station");
        assertThatThrownBy(() -> options.withMacAddress(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.withMacAddress(1L << 48))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatTheKernelRefusesIsToldInSentences() {
        // EPERM, EBUSY and EINVAL: see TapDeviceTest, where the kernel does refuse.
        assertThat(TapInterface.cannotOpen(2))
                .hasMessageStartingWith("there is no /dev/net/tun: load it with `modprobe tun`");
        assertThat(TapInterface.cannotOpen(13))
                .hasMessageStartingWith("/dev/net/tun may not be opened by this user");
        assertThat(TapInterface.cannotOpen(24))
                .hasMessage("open: Too many open files: /dev/net/tun");
        assertThat(TapInterface.cannotAttach("tap0", 7))
                .hasMessage("tap0 has all its 256 queues in use");
        assertThat(TapInterface.cannotAttach("tap0", 12))
                .hasMessage("TUNSETIFF: Cannot allocate memory: tap0");
    }
}
