package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.testing.CompiledC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
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
            #include <sys/un.h>
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
                OFFSET(msghdr, msg_name); OFFSET(msghdr, msg_namelen);
                OFFSET(msghdr, msg_control); OFFSET(msghdr, msg_controllen);
                SIZE(mmsghdr); OFFSET(mmsghdr, msg_hdr); OFFSET(mmsghdr, msg_len);
                OFFSET(cmsghdr, cmsg_len); OFFSET(cmsghdr, cmsg_level); OFFSET(cmsghdr, cmsg_type);
                SIZE(cmsghdr); printf("CMSG_SPACE=%zu\\n", CMSG_SPACE(8));
                printf("CMSG_SPACE_12=%zu\\n", CMSG_SPACE(12));
                printf("CMSG_SPACE_20=%zu\\n", CMSG_SPACE(20));
                SIZE(in_pktinfo); OFFSET(in_pktinfo, ipi_spec_dst); OFFSET(in_pktinfo, ipi_addr);
                SIZE(in6_pktinfo); OFFSET(in6_pktinfo, ipi6_addr);
                OFFSET(in6_pktinfo, ipi6_ifindex);
                printf("CMSG_LEN=%zu\\n", CMSG_LEN(2));
                SIZE(group_req); OFFSET(group_req, gr_interface); OFFSET(group_req, gr_group);
                SIZE(group_source_req); OFFSET(group_source_req, gsr_group);
                OFFSET(group_source_req, gsr_source);
                SIZE(ip_mreqn); OFFSET(ip_mreqn, imr_ifindex);
                SIZE(sockaddr_un); OFFSET(sockaddr_un, sun_path);
                SIZE(ucred); OFFSET(ucred, pid); OFFSET(ucred, uid); OFFSET(ucred, gid);
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
    void messagesOfManyAtOnce() {
        assertThat(MultiMessage.BYTES).isEqualTo(sizeOf("mmsghdr"));
        assertThat(offset("mmsghdr.msg_hdr")).isZero();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment messages = arena.allocate(2L * MultiMessage.BYTES);
            messages.fill((byte) 0xff);
            long second = MultiMessage.at(messages.address(), 1);
            MultiMessage.clear(second);
            MessageHeader.name(second, 0x1111, 16);
            MessageHeader.slices(second, 0x2222, 5);
            MessageHeader.control(second, 0x3333, 24);
            long base = sizeOf("mmsghdr");
            messages.set(ValueLayout.JAVA_INT_UNALIGNED, base + offset("mmsghdr.msg_len"), 1400);

            assertThat(longAt(messages, base, "msghdr.msg_name")).isEqualTo(0x1111);
            assertThat(longAt(messages, base, "msghdr.msg_namelen")).isEqualTo(16);
            assertThat(longAt(messages, base, "msghdr.msg_iov")).isEqualTo(0x2222);
            assertThat(longAt(messages, base, "msghdr.msg_iovlen")).isEqualTo(5);
            assertThat(longAt(messages, base, "msghdr.msg_control"))
                    .isEqualTo(0x3333)
                    .isEqualTo(MessageHeader.control(second));
            assertThat(longAt(messages, base, "msghdr.msg_controllen"))
                    .isEqualTo(24)
                    .isEqualTo(MessageHeader.controlLength(second));
            assertThat(MultiMessage.length(second)).isEqualTo(1400);
        }
    }

    @Test
    void controlMessages() {
        assertThat(ControlMessage.SEGMENT_BYTES).isEqualTo(offset("CMSG_SPACE"));
        assertThat(ControlMessage.CREDENTIALS_BYTES).isEqualTo(offset("CMSG_SPACE_12"));
        assertThat(ControlMessage.PACKET_INFO_BYTES).isEqualTo(offset("CMSG_SPACE_20"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = arena.allocate(ControlMessage.PACKET_INFO_BYTES);
            long address = control.address();
            assertThat(ControlMessage.segment(address, 1400)).isEqualTo(offset("CMSG_SPACE"));
            assertThat(longAt(control, 0, "cmsghdr.cmsg_len")).isEqualTo(offset("CMSG_LEN"));
            assertThat(intAt(control, "cmsghdr.cmsg_level")).isEqualTo(ControlMessage.SOL_UDP);
            assertThat(intAt(control, "cmsghdr.cmsg_type")).isEqualTo(ControlMessage.UDP_SEGMENT);
            assertThat(control.get(ValueLayout.JAVA_SHORT_UNALIGNED, sizeOf("cmsghdr")))
                    .isEqualTo((short) 1400);
            assertThat(ControlMessage.kind(address)).isEqualTo(ControlMessage.Kind.OTHER);
            kind(control, ControlMessage.SOL_UDP, ControlMessage.UDP_GRO);
            assertThat(ControlMessage.kind(address)).isEqualTo(ControlMessage.Kind.COALESCED);
            assertThat(ControlMessage.coalescedSegment(address)).isEqualTo(1400);
            assertThat(ControlMessage.step(address)).isEqualTo(offset("CMSG_SPACE"));
            kind(control, ControlMessage.SOL_SOCKET, ControlMessage.SCM_CREDENTIALS);
            assertThat(ControlMessage.kind(address)).isEqualTo(ControlMessage.Kind.CREDENTIALS);
            assertThat(ControlMessage.data(address)).isEqualTo(address + sizeOf("cmsghdr"));
            control.fill((byte) 0);
            assertThat(ControlMessage.step(address)).as("a loop ends").isPositive();
            control.fill((byte) 0xff);
            assertThat(ControlMessage.step(address)).as("a loop ends").isPositive();
            assertThat(ControlMessage.kind(address)).isEqualTo(ControlMessage.Kind.OTHER);
        }
    }

    private void kind(MemorySegment control, int level, int type) {
        control.set(ValueLayout.JAVA_INT_UNALIGNED, offset("cmsghdr.cmsg_level"), level);
        control.set(ValueLayout.JAVA_INT_UNALIGNED, offset("cmsghdr.cmsg_type"), type);
    }

    @Test
    void packetInformation() {
        assertThat(PacketInfo.BYTES_4).isEqualTo(sizeOf("in_pktinfo"));
        assertThat(PacketInfo.BYTES_6).isEqualTo(sizeOf("in6_pktinfo"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = arena.allocate(ControlMessage.PACKET_INFO_BYTES);
            long address = control.address();
            long data = ControlMessage.data(address);
            long host = SocketAddresses.mapped(0xc0000207);
            assertThat(ControlMessage.source(address, SocketAddresses.AF_INET, 0, host))
                    .isEqualTo(offset("CMSG_SPACE_12"));
            assertThat(ControlMessage.kind(address)).isEqualTo(ControlMessage.Kind.PACKET_INFO_4);
            assertThat(PacketInfo.host4(data)).isEqualTo(host);
            int at = sizeOf("cmsghdr");
            assertThat(control.get(ValueLayout.JAVA_BYTE, at + offset("in_pktinfo.ipi_spec_dst")))
                    .isEqualTo((byte) 0xc0);
            control.set(
                    ValueLayout.JAVA_INT_UNALIGNED, at + offset("in_pktinfo.ipi_addr"), 0x0100007f);
            assertThat(PacketInfo.destination4(data)).isEqualTo(SocketAddresses.mapped(0x7f000001));

            assertThat(ControlMessage.source(address, SocketAddresses.AF_INET6, 1L << 63, 7))
                    .isEqualTo(offset("CMSG_SPACE_20"));
            assertThat(ControlMessage.kind(address)).isEqualTo(ControlMessage.Kind.PACKET_INFO_6);
            assertThat(control.get(ValueLayout.JAVA_BYTE, at + offset("in6_pktinfo.ipi6_addr")))
                    .isEqualTo((byte) 0x80);
            assertThat(
                            control.get(
                                    ValueLayout.JAVA_INT_UNALIGNED,
                                    at + offset("in6_pktinfo.ipi6_ifindex")))
                    .isZero();
            assertThat(PacketInfo.high(data)).isEqualTo(1L << 63);
            assertThat(PacketInfo.low(data)).isEqualTo(7);
        }
    }

    @Test
    void multicastRequests() throws Exception {
        assertThat(MulticastRequest.BYTES).isEqualTo(sizeOf("group_source_req"));
        assertThat(MulticastRequest.GROUP_BYTES).isEqualTo(sizeOf("group_req"));
        assertThat(MulticastRequest.INTERFACE_BYTES).isEqualTo(sizeOf("ip_mreqn"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(MulticastRequest.BYTES);
            long address = request.address();
            MulticastRequest.group(address, InetAddress.getByName("232.1.2.3"), 7);
            MulticastRequest.source(address, InetAddress.getByName("192.0.2.7"));
            assertThat(intAt(request, "group_req.gr_interface")).isEqualTo(7);
            assertThat(SocketAddresses.read(address + offset("group_req.gr_group")))
                    .isEqualTo(new InetSocketAddress("232.1.2.3", 0));
            assertThat(offset("group_source_req.gsr_group"))
                    .isEqualTo(offset("group_req.gr_group"));
            assertThat(SocketAddresses.read(address + offset("group_source_req.gsr_source")))
                    .isEqualTo(new InetSocketAddress("192.0.2.7", 0));
            MulticastRequest.sendingInterface(address, 9);
            assertThat(intAt(request, "ip_mreqn.imr_ifindex")).isEqualTo(9);
        }
    }

    @Test
    void unixSocketAddress() {
        assertThat(UnixSocketAddress.BYTES).isEqualTo(sizeOf("sockaddr_un"));
        byte[] name = "/run/x".getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(UnixSocketAddress.BYTES);
            int path = offset("sockaddr_un.sun_path");
            assertThat(UnixSocketAddress.writePath(name, address.address()))
                    .isEqualTo(path + name.length + 1);
            assertThat(address.getString(path)).isEqualTo("/run/x");
            assertThat(UnixSocketAddress.writeAbstract(name, address.address()))
                    .isEqualTo(path + 1 + name.length);
            assertThat(address.get(ValueLayout.JAVA_BYTE, path)).isZero();
            assertThat(address.getString(path + 1)).isEqualTo("/run/x");
            byte[] raw = new byte[UnixSocketAddress.BYTES];
            int length = UnixSocketAddress.writeAbstract(name, address.address());
            assertThat(UnixSocketAddress.readName(address.address(), length, raw))
                    .isEqualTo(1 + name.length);
            address.fill((byte) 0);
            assertThat(UnixSocketAddress.writeName(raw, 1 + name.length, address.address()))
                    .isEqualTo(length);
            assertThat(address.getString(path + 1)).isEqualTo("/run/x");
            length = UnixSocketAddress.writePath(name, address.address());
            assertThat(UnixSocketAddress.readName(address.address(), length, raw))
                    .isEqualTo(name.length);
            address.fill((byte) 0xff);
            assertThat(UnixSocketAddress.writeName(raw, name.length, address.address()))
                    .isEqualTo(length);
            assertThat(address.getString(path)).isEqualTo("/run/x");
            assertThat(UnixSocketAddress.readName(address.address(), 0, raw)).isZero();
            assertThat(UnixSocketAddress.writeUnnamed(address.address())).isEqualTo(path);
            address.fill((byte) 0x41);
            assertThat(UnixSocketAddress.readName(address.address(), 111, raw))
                    .as("a path without an end")
                    .isEqualTo(UnixSocketAddress.NAME_LENGTH_MAX + 1);
            assertThat(UnixSocketAddress.writeName(raw, 108, address.address())).isEqualTo(110);
            byte[] long108 = new byte[UnixSocketAddress.NAME_LENGTH_MAX + 1];
            assertThatThrownBy(() -> UnixSocketAddress.writePath(long108, address.address()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("108 bytes");
        }
    }

    @Test
    void peerCredentials() {
        assertThat(PeerCredentialsStruct.BYTES).isEqualTo(sizeOf("ucred"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment credentials = arena.allocate(PeerCredentialsStruct.BYTES);
            for (int at = 0; at < PeerCredentialsStruct.BYTES; at += Integer.BYTES) {
                credentials.set(ValueLayout.JAVA_INT_UNALIGNED, at, at);
            }
            long address = credentials.address();
            assertThat(PeerCredentialsStruct.process(address)).isEqualTo(offset("ucred.pid"));
            assertThat(PeerCredentialsStruct.user(address)).isEqualTo(offset("ucred.uid"));
            assertThat(PeerCredentialsStruct.group(address)).isEqualTo(offset("ucred.gid"));
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
    void socketAddressesAsNumbers() throws Exception {
        byte[] host = InetAddress.getByName("fe80::1:2").getAddress();
        InetSocketAddress six =
                new InetSocketAddress(Inet6Address.getByAddress(null, host, 1), 65535);
        InetSocketAddress four = new InetSocketAddress("192.0.2.7", 1234);
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(SocketAddresses.BYTES_MAX).address();
            for (InetSocketAddress each : new InetSocketAddress[] {four, six}) {
                int length = SocketAddresses.write(each, address);
                int family = SocketAddresses.familyAt(address);
                long high = SocketAddresses.highAt(address);
                long low = SocketAddresses.lowAt(address);
                int port = SocketAddresses.portAt(address);
                int scope = SocketAddresses.scopeAt(address);
                assertThat(SocketAddresses.isIpv4(high, low)).isEqualTo(each == four);
                assertThat(SocketAddresses.length(family)).isEqualTo(length);
                RawMemory.fill(address, SocketAddresses.BYTES_MAX, (byte) 0xff);
                assertThat(SocketAddresses.write(address, family, high, low, port, scope))
                        .isEqualTo(length);
                assertThat(SocketAddresses.read(address)).isEqualTo(each);
            }
            long mapped = SocketAddresses.mapped(0xc000_0207);
            SocketAddresses.write(address, SocketAddresses.AF_INET6, 0, mapped, 1234, 0);
            assertThat(SocketAddresses.read(address)).isEqualTo(four);
        }
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
