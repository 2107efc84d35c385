package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketAddressesTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0",
        "127.0.0.1, 1",
        "255.254.253.252, 65535",
        "::, 0",
        "::1, 40000",
        "2001:db8::ff, 32768",
    })
    void whatIsWrittenIsReadBack(String host, int port) {
        InetSocketAddress address = new InetSocketAddress(host, port);

        InetSocketAddress read = roundTrip(address);

        assertThat(read).isEqualTo(address);
    }

    @Test
    void scopeOfALinkLocalAddressIsKept() throws Exception {
        byte[] host = InetAddress.getByName("fe80::1").getAddress();
        Inet6Address scoped = Inet6Address.getByAddress(null, host, 1);

        InetSocketAddress read = roundTrip(new InetSocketAddress(scoped, 80));

        assertThat(((Inet6Address) read.getAddress()).getScopeId()).isEqualTo(1);
        assertThat(read.getAddress().getAddress()).isEqualTo(host);
    }

    @Test
    void mappedIpv4AddressIsReadAsIpv4() {
        try (Arena arena = Arena.ofConfined()) {
            long memory = arena.allocate(SocketAddresses.BYTES_MAX).address();
            SocketAddresses.write(new InetSocketAddress("2001:db8::1", 80), memory);
            byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};
            RawMemory.copyIn(mapped, 0, memory + 8, mapped.length);

            assertThat(SocketAddresses.read(memory))
                    .isEqualTo(new InetSocketAddress("10.1.2.3", 80));
        }
    }

    private static InetSocketAddress roundTrip(InetSocketAddress address) {
        try (Arena arena = Arena.ofConfined()) {
            var memory = arena.allocate(SocketAddresses.BYTES_MAX).fill((byte) 0xff);
            int length = SocketAddresses.write(address, memory.address());
            assertThat(length).isLessThanOrEqualTo(SocketAddresses.BYTES_MAX);
            return SocketAddresses.read(memory.address());
        }
    }
}
