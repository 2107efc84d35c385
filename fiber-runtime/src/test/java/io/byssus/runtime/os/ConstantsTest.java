package io.byssus.runtime.os;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.CompiledC;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every number of the kernel's that we wrote down, against the C headers of this machine. */
class ConstantsTest {
    private static final List<Class<?>> CLASSES =
            List.of(
                    Epoll.class,
                    IoUring.class,
                    EventFd.class,
                    Descriptors.class,
                    Sockets.class,
                    SocketAddresses.class,
                    InterfaceControl.class,
                    ControlMessage.class,
                    SocketMemoryInfo.class,
                    UnixSocketAddress.class,
                    Pipes.class,
                    TunTap.class);

    /** Names that stand for C macros; the other constants are our own. */
    private static final String MACRO =
            "(EPOLL|IORING_|IOSQE_|EFD_|O_|F_|SPLICE_|SOCK_|SHUT_|MSG_|AF_|IFF_|SIOC|SK_|SOL_|SCM_"
                    + "|IP_|IPV6_|UDP_|TUN|PROT_|MAP_)[A-Z0-9_]*";

    private static final Map<SocketOptions, String[]> OPTIONS =
            new EnumMap<>(
                    Map.ofEntries(
                            Map.entry(SocketOptions.REUSE_ADDRESS, socket("SO_REUSEADDR")),
                            Map.entry(SocketOptions.ERROR, socket("SO_ERROR")),
                            Map.entry(SocketOptions.BROADCAST, socket("SO_BROADCAST")),
                            Map.entry(SocketOptions.PEER_CREDENTIALS, socket("SO_PEERCRED")),
                            Map.entry(SocketOptions.MEMORY_INFO, socket("SO_MEMINFO")),
                            Map.entry(SocketOptions.PASS_CREDENTIALS, socket("SO_PASSCRED")),
                            Map.entry(SocketOptions.PACKET_INFO_4, ip("IP_PKTINFO")),
                            Map.entry(SocketOptions.PACKET_INFO_6, ipv6("IPV6_RECVPKTINFO")),
                            Map.entry(SocketOptions.UDP_SEGMENT, udp("UDP_SEGMENT")),
                            Map.entry(SocketOptions.UDP_COALESCE, udp("UDP_GRO")),
                            Map.entry(SocketOptions.MULTICAST_INTERFACE_4, ip("IP_MULTICAST_IF")),
                            Map.entry(SocketOptions.MULTICAST_TTL_4, ip("IP_MULTICAST_TTL")),
                            Map.entry(SocketOptions.MULTICAST_LOOP_4, ip("IP_MULTICAST_LOOP")),
                            Map.entry(
                                    SocketOptions.MULTICAST_INTERFACE_6, ipv6("IPV6_MULTICAST_IF")),
                            Map.entry(SocketOptions.MULTICAST_HOPS_6, ipv6("IPV6_MULTICAST_HOPS")),
                            Map.entry(SocketOptions.MULTICAST_LOOP_6, ipv6("IPV6_MULTICAST_LOOP")),
                            Map.entry(SocketOptions.JOIN_GROUP, ip("MCAST_JOIN_GROUP")),
                            Map.entry(SocketOptions.LEAVE_GROUP, ip("MCAST_LEAVE_GROUP")),
                            Map.entry(
                                    SocketOptions.JOIN_SOURCE_GROUP, ip("MCAST_JOIN_SOURCE_GROUP")),
                            Map.entry(
                                    SocketOptions.LEAVE_SOURCE_GROUP,
                                    ip("MCAST_LEAVE_SOURCE_GROUP")),
                            Map.entry(SocketOptions.SEND_BUFFER, socket("SO_SNDBUF")),
                            Map.entry(SocketOptions.RECEIVE_BUFFER, socket("SO_RCVBUF")),
                            Map.entry(SocketOptions.KEEPALIVE, socket("SO_KEEPALIVE")),
                            Map.entry(SocketOptions.LINGER, socket("SO_LINGER")),
                            Map.entry(SocketOptions.REUSE_PORT, socket("SO_REUSEPORT")),
                            Map.entry(SocketOptions.NO_DELAY, tcp("TCP_NODELAY")),
                            Map.entry(SocketOptions.KEEPALIVE_IDLE_SECONDS, tcp("TCP_KEEPIDLE")),
                            Map.entry(
                                    SocketOptions.KEEPALIVE_INTERVAL_SECONDS, tcp("TCP_KEEPINTVL")),
                            Map.entry(SocketOptions.KEEPALIVE_PROBES, tcp("TCP_KEEPCNT")),
                            Map.entry(SocketOptions.INFO, tcp("TCP_INFO")),
                            Map.entry(SocketOptions.USER_TIMEOUT_MILLIS, tcp("TCP_USER_TIMEOUT")),
                            Map.entry(SocketOptions.FAST_OPEN, tcp("TCP_FASTOPEN")),
                            Map.entry(SocketOptions.FAST_OPEN_CONNECT, tcp("TCP_FASTOPEN_CONNECT")),
                            Map.entry(
                                    SocketOptions.TYPE_OF_SERVICE,
                                    new String[] {"IPPROTO_IP", "IP_TOS"}),
                            Map.entry(
                                    SocketOptions.TRAFFIC_CLASS,
                                    new String[] {"IPPROTO_IPV6", "IPV6_TCLASS"}),
                            Map.entry(
                                    SocketOptions.IPV6_ONLY,
                                    new String[] {"IPPROTO_IPV6", "IPV6_V6ONLY"})));

    private static Map<String, String> compiler;

    @BeforeAll
    static void askTheCompiler(@TempDir Path folder) throws Exception {
        Stream<String> numbers =
                Stream.of(
                                CLASSES.stream().flatMap(ConstantsTest::macros).map(Field::getName),
                                errors().map(Field::getName),
                                OPTIONS.values().stream().flatMap(Arrays::stream))
                        .flatMap(names -> names)
                        .map(name ->
                                "printf(\"" + name + "=%lld\\n\", (long long)(" + name + "));");
        Stream<String> messages =
                errors().map(Field::getName)
                        .map(n -> "printf(\"message " + n + "=%s\\n\", strerror(" + n + "));");
        String statements = Stream.concat(numbers, messages).collect(joining("\n    "));
        compiler =
                CompiledC.run(
                        folder,
                        """
                        #define _GNU_SOURCE
                        #include <errno.h>
                        #include <fcntl.h>
                        #include <stdio.h>
                        #include <string.h>
                        #include <netinet/in.h>
                        #include <netinet/tcp.h>
                        #include <netinet/udp.h>
                        #include <linux/io_uring.h>
                        #include <linux/sock_diag.h>
                        #include <net/if.h>
                        #include <linux/if_tun.h>
                        #include <sys/epoll.h>
                        #include <sys/eventfd.h>
                        #include <sys/mman.h>
                        #include <sys/ioctl.h>
                        #include <sys/socket.h>
                        int main(void) {
                            %s
                            return 0;
                        }
                        """
                                .formatted(statements));
    }

    @Test
    void flagsAreThoseOfTheHeaders() {
        SoftAssertions softly = new SoftAssertions();
        List<Field> fields = CLASSES.stream().flatMap(ConstantsTest::macros).toList();
        assertThat(fields).hasSizeGreaterThan(30);
        for (Field field : fields) {
            softly.assertThat(value(field)).as(field.getName()).isEqualTo(number(field.getName()));
        }
        softly.assertAll();
    }

    @Test
    void socketOptionsAreThoseOfTheHeaders() throws ReflectiveOperationException {
        SoftAssertions softly = new SoftAssertions();
        for (SocketOptions option : SocketOptions.values()) {
            assertThat(OPTIONS).as("a new option needs its C name here").containsKey(option);
            String[] names = OPTIONS.get(option);
            softly.assertThat(part(option, "level"))
                    .as(option + " level")
                    .isEqualTo(number(names[0]));
            softly.assertThat(part(option, "name"))
                    .as(option + " name")
                    .isEqualTo(number(names[1]));
        }
        softly.assertAll();
    }

    @Test
    void errorNumbersAndMessagesAreTheCLibrarys() {
        SoftAssertions softly = new SoftAssertions();
        errors().forEach(field -> {
            String name = field.getName();
            softly.assertThat(value(field)).as(name).isEqualTo(number(name));
            softly.assertThat(Errno.message(value(field)))
                    .as(name)
                    .isEqualTo(compiler.get("message " + name));
        });
        softly.assertAll();
        assertThat(Errno.message(4242)).isEqualTo("errno 4242");
    }

    @Test
    void errorsBecomeTheExceptionsOfJavaNet() {
        assertThat(exception("bind", Errno.EADDRINUSE))
                .isInstanceOf(BindException.class)
                .hasMessage("bind: Address already in use: 0.0.0.0:1234");
        assertThat(exception("bind", Errno.EACCES)).isInstanceOf(BindException.class);
        assertThat(exception("connect", Errno.EACCES)).isExactlyInstanceOf(SocketException.class);
        assertThat(exception("connect", Errno.ECONNREFUSED)).isInstanceOf(ConnectException.class);
        assertThat(exception("connect", Errno.EHOSTUNREACH))
                .isInstanceOf(NoRouteToHostException.class);
        assertThat(exception("connect", Errno.ETIMEDOUT))
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(Errno.exception("read", Errno.ECONNRESET, ""))
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("read: Connection reset by peer");
    }

    private static IOException exception(String operation, int errno) {
        return Errno.exception(operation, errno, "0.0.0.0:1234");
    }

    private static Stream<Field> macros(Class<?> owner) {
        return ints(owner).filter(field -> field.getName().matches(MACRO));
    }

    private static Stream<Field> errors() {
        return ints(Errno.class);
    }

    private static Stream<Field> ints(Class<?> owner) {
        return Arrays.stream(owner.getDeclaredFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .filter(field -> field.getType() == int.class);
    }

    private static int value(Field field) {
        try {
            field.setAccessible(true);
            return field.getInt(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static int part(SocketOptions option, String name) throws ReflectiveOperationException {
        Field field = SocketOptions.class.getDeclaredField(name);
        field.setAccessible(true);
        return field.getInt(option);
    }

    private static int number(String name) {
        return (int) Long.parseLong(compiler.get(name));
    }

    private static String[] socket(String name) {
        return new String[] {"SOL_SOCKET", name};
    }

    private static String[] tcp(String name) {
        return new String[] {"IPPROTO_TCP", name};
    }

    private static String[] udp(String name) {
        return new String[] {"IPPROTO_UDP", name};
    }

    private static String[] ip(String name) {
        return new String[] {"IPPROTO_IP", name};
    }

    private static String[] ipv6(String name) {
        return new String[] {"IPPROTO_IPV6", name};
    }
}
