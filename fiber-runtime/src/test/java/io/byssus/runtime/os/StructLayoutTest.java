package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.CompiledC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our struct classes against the C compiler's structs. */
class StructLayoutTest {
    private static final String PROGRAM =
            """
            #define _GNU_SOURCE
            #include <stdio.h>
            #include <stddef.h>
            #include <string.h>
            #include <time.h>
            #include <arpa/inet.h>
            #include <net/if.h>
            #include <netinet/in.h>
            #include <linux/tcp.h>
            #include <sys/epoll.h>
            #include <sys/socket.h>
            #include <sys/uio.h>
            #define SIZE(t) printf("sizeof(" #t ")=%zu\\n", sizeof(struct t))
            #define OFFSET(t, f) printf(#t "." #f "=%zu\\n", offsetof(struct t, f))
            static void bytes(const char *name, const void *p, size_t n) {
                printf("%s=", name);
                for (size_t i = 0; i < n; i++) printf("%02x", ((const unsigned char *) p)[i]);
                printf("\\n");
            }
            int main(void) {
                SIZE(epoll_event); OFFSET(epoll_event, events); OFFSET(epoll_event, data);
                SIZE(msghdr); OFFSET(msghdr, msg_iov); OFFSET(msghdr, msg_iovlen);
                SIZE(iovec); OFFSET(iovec, iov_base); OFFSET(iovec, iov_len);
                SIZE(timespec); OFFSET(timespec, tv_sec); OFFSET(timespec, tv_nsec);
                SIZE(linger);
                SIZE(tcp_info); OFFSET(tcp_info, tcpi_state); OFFSET(tcp_info, tcpi_rto);
                OFFSET(tcp_info, tcpi_snd_mss); OFFSET(tcp_info, tcpi_unacked);
                OFFSET(tcp_info, tcpi_rtt); OFFSET(tcp_info, tcpi_rttvar);
                OFFSET(tcp_info, tcpi_snd_ssthresh); OFFSET(tcp_info, tcpi_snd_cwnd);
                OFFSET(tcp_info, tcpi_total_retrans); OFFSET(tcp_info, tcpi_notsent_bytes);
                OFFSET(tcp_info, tcpi_min_rtt); OFFSET(tcp_info, tcpi_snd_wnd);
                SIZE(ifreq); OFFSET(ifreq, ifr_name); OFFSET(ifreq, ifr_flags);
                OFFSET(ifreq, ifr_mtu); OFFSET(ifreq, ifr_hwaddr.sa_data);
                printf("IFNAMSIZ=%d\\n", IFNAMSIZ);
                struct sockaddr_in four; memset(&four, 0, sizeof four);
                four.sin_family = AF_INET; four.sin_port = htons(1234);
                inet_pton(AF_INET, "192.0.2.7", &four.sin_addr);
                bytes("sockaddr_in", &four, sizeof four);
                struct sockaddr_in6 six; memset(&six, 0, sizeof six);
                six.sin6_family = AF_INET6; six.sin6_port = htons(65535);
                inet_pton(AF_INET6, "fe80::1:2", &six.sin6_addr);
                six.sin6_scope_id = 1;
                bytes("sockaddr_in6", &six, sizeof six);
                return 0;
            }
            """;

    private static Map<String, String> compiler;

    @BeforeAll
    static void askTheCompiler(@TempDir Path folder) throws Exception {
        compiler = CompiledC.run(folder, PROGRAM);
    }

    @Test
    void epollEvent() {
        assertThat(Epoll.EVENT_BYTES).isEqualTo(sizeOf("epoll_event"));
        assertThat(Epoll.dataOffset()).isEqualTo(offset("epoll_event.data"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(Epoll.EVENT_BYTES);
            Epoll.put(event.address(), Epoll.EPOLLIN | Epoll.EPOLLET, 0x1122_3344_5566_7788L);

            assertThat(intAt(event, "epoll_event.events"))
                    .isEqualTo(Epoll.EPOLLIN | Epoll.EPOLLET)
                    .isEqualTo(Epoll.events(event.address()));
            assertThat(longAt(event, 0, "epoll_event.data"))
                    .isEqualTo(0x1122_3344_5566_7788L)
                    .isEqualTo(Epoll.data(event.address()));
        }
    }

    @Test
    void messageHeaderAndItsSlices() {
        int slices = 3;
        assertThat(MessageHeader.bytes(slices))
                .isEqualTo(sizeOf("msghdr") + slices * sizeOf("iovec"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(MessageHeader.bytes(slices));
            header.fill((byte) 0xff);
            MessageHeader.begin(header.address());
            MessageHeader.slice(header.address(), 2, 0x7777, 99);
            MessageHeader.sliceCount(header.address(), slices);

            assertThat(longAt(header, 0, "msghdr.msg_iov"))
                    .isEqualTo(header.address() + sizeOf("msghdr"));
            assertThat(longAt(header, 0, "msghdr.msg_iovlen")).isEqualTo(slices);
            long third = sizeOf("msghdr") + 2L * sizeOf("iovec");
            assertThat(longAt(header, third, "iovec.iov_base")).isEqualTo(0x7777);
            assertThat(longAt(header, third, "iovec.iov_len")).isEqualTo(99);
            assertThat(header.asSlice(0, offset("msghdr.msg_iov")).toArray(ValueLayout.JAVA_BYTE))
                    .as("no name")
                    .containsOnly(0);
        }
    }

    @Test
    void tcpInfo() {
        assertThat(TcpInfoStruct.BYTES).isLessThanOrEqualTo(sizeOf("tcp_info"));
        assertThat(offset("tcp_info.tcpi_state")).isZero();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(sizeOf("tcp_info"));
            for (int at = 0; at < TcpInfoStruct.BYTES; at += Integer.BYTES) {
                info.set(ValueLayout.JAVA_INT_UNALIGNED, at, at);
            }
            long address = info.address();
            assertThat(TcpInfoStruct.timeoutMicros(address)).isEqualTo(offset("tcp_info.tcpi_rto"));
            assertThat(TcpInfoStruct.segmentBytes(address))
                    .isEqualTo(offset("tcp_info.tcpi_snd_mss"));
            assertThat(TcpInfoStruct.unacknowledgedSegments(address))
                    .isEqualTo(offset("tcp_info.tcpi_unacked"));
            assertThat(TcpInfoStruct.roundTripMicros(address))
                    .isEqualTo(offset("tcp_info.tcpi_rtt"));
            assertThat(TcpInfoStruct.roundTripVariationMicros(address))
                    .isEqualTo(offset("tcp_info.tcpi_rttvar"));
            assertThat(TcpInfoStruct.thresholdSegments(address))
                    .isEqualTo(offset("tcp_info.tcpi_snd_ssthresh"));
            assertThat(TcpInfoStruct.windowSegments(address))
                    .isEqualTo(offset("tcp_info.tcpi_snd_cwnd"));
            assertThat(TcpInfoStruct.retransmittedSegments(address))
                    .isEqualTo(offset("tcp_info.tcpi_total_retrans"));
            assertThat(TcpInfoStruct.notSentBytes(address))
                    .isEqualTo(offset("tcp_info.tcpi_notsent_bytes"));
            assertThat(TcpInfoStruct.roundTripMinimumMicros(address))
                    .isEqualTo(offset("tcp_info.tcpi_min_rtt"));
            assertThat(TcpInfoStruct.sendWindowBytes(address))
                    .isEqualTo(offset("tcp_info.tcpi_snd_wnd"));
        }
    }

    @Test
    void interfaceRequest() {
        assertThat(InterfaceRequest.BYTES).isEqualTo(sizeOf("ifreq"));
        assertThat(InterfaceRequest.NAME_LENGTH_MAX + 1)
                .isEqualTo(Integer.parseInt(compiler.get("IFNAMSIZ")));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(InterfaceRequest.BYTES);
            request.fill((byte) 0xff);
            InterfaceRequest.begin(request.address(), "tap-of-15-bytes");
            assertThat(request.getString(offset("ifreq.ifr_name"))).isEqualTo("tap-of-15-bytes");

            InterfaceRequest.flags(request.address(), 0xffee);
            assertThat(request.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset("ifreq.ifr_flags")))
                    .isEqualTo((short) 0xffee);
            assertThat(InterfaceRequest.flags(request.address())).isEqualTo(0xffee);

            request.set(ValueLayout.JAVA_INT_UNALIGNED, offset("ifreq.ifr_mtu"), 9000);
            assertThat(InterfaceRequest.mtu(request.address())).isEqualTo(9000);

            byte[] octets = {2, 0x42, (byte) 0xac, 0x11, 0, 3};
            MemorySegment.copy(
                    octets,
                    0,
                    request,
                    ValueLayout.JAVA_BYTE,
                    offset("ifreq.ifr_hwaddr.sa_data"),
                    octets.length);
            assertThat(InterfaceRequest.hardwareAddress(request.address()))
                    .isEqualTo(0x0242_ac11_0003L);
        }
    }

    @Test
    void timespecOfATimedWait() {
        CallState state = new CallState();
        int epoll = Epoll.create(state);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate(Epoll.EVENT_BYTES, Long.BYTES);
            MemorySegment timespec = arena.allocate(sizeOf("timespec"));
            // An empty set refuses at once: the wait is not the point here, what it was told is.
            int result =
                    Epoll.await(
                            state, epoll, events.address(), 0, 3_000_000_007L, timespec.address());

            assertThat(result).isEqualTo(-1);
            assertThat(state.errno()).isEqualTo(Errno.EINVAL);
            assertThat(longAt(timespec, 0, "timespec.tv_sec")).isEqualTo(3);
            assertThat(longAt(timespec, 0, "timespec.tv_nsec")).isEqualTo(7);
        } finally {
            Descriptors.close(state, epoll);
        }
    }

    @Test
    void lingerIsTwoInts() {
        assertThat(sizeOf("linger")).isEqualTo(2 * Integer.BYTES);
    }

    @Test
    void socketAddressOfIpv4() throws Exception {
        assertThat(written(new InetSocketAddress("192.0.2.7", 1234)))
                .isEqualTo(compiler.get("sockaddr_in"));
    }

    @Test
    void socketAddressOfIpv6WithScope() throws Exception {
        byte[] host = InetAddress.getByName("fe80::1:2").getAddress();
        assertThat(written(new InetSocketAddress(Inet6Address.getByAddress(null, host, 1), 65535)))
                .isEqualTo(compiler.get("sockaddr_in6"));
    }

    private static String written(InetSocketAddress address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(SocketAddresses.BYTES_MAX);
            int length = SocketAddresses.write(address, memory.address());
            return HexFormat.of()
                    .formatHex(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static int sizeOf(String struct) {
        return Integer.parseInt(compiler.get("sizeof(" + struct + ")"));
    }

    private static int offset(String field) {
        return Integer.parseInt(compiler.get(field));
    }

    private static int intAt(MemorySegment memory, String field) {
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset(field));
    }

    private static long longAt(MemorySegment memory, long base, String field) {
        return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, base + offset(field));
    }
}
