package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ProxyHeaderParser}, against haproxy's {@code proxy-protocol.txt}. */
class ProxyHeaderParserTest {
    private static final InetSocketAddress SOURCE = new InetSocketAddress("192.0.2.1", 56324);
    private static final InetSocketAddress DESTINATION = new InetSocketAddress("192.0.2.2", 443);

    private static ProxyHeader parse(byte[] bytes) throws MalformedProxyHeaderException {
        if (ProxyHeaderParser.isVersion2(bytes)) {
            int length = ProxyHeaderParser.bodyBytes(bytes);
            assertThat(length).isEqualTo(bytes.length - ProxyHeaderParser.FIXED_BYTES);
            return ProxyHeaderParser.parseVersion2(bytes);
        }
        assertThat(ProxyHeaderParser.isVersion1(bytes)).isTrue();
        return ProxyHeaderParser.parseVersion1(bytes);
    }

    @Test
    void anyHeaderIsReadAsItWasWritten() throws Exception {
        Random random = new Random(Seeds.next("ProxyHeaderParserTest"));
        for (int i = 0; i < 2000; i++) {
            boolean six = random.nextBoolean();
            InetSocketAddress source = ProxyHeaders.address(random, six);
            InetSocketAddress destination = ProxyHeaders.address(random, six);
            byte[] value = new byte[random.nextInt(300)];
            random.nextBytes(value);
            int type = 0x20 + random.nextInt(0xe0);
            boolean first = random.nextBoolean();
            byte[] bytes =
                    first
                            ? ProxyHeaders.version1(source, destination)
                            : ProxyHeaders.summed(
                                    ProxyHeaders.version2(
                                            source,
                                            destination,
                                            ProxyHeaders.extension(type, value),
                                            ProxyHeaders.extension(type, new byte[1]),
                                            ProxyHeaders.extension(4, new byte[7]),
                                            ProxyHeaders.extension(3, new byte[4])));
            ProxyHeader header = parse(bytes);
            assertThat(header.version()).isEqualTo(first ? 1 : 2);
            assertThat(header.source()).contains(source);
            assertThat(header.destination()).contains(destination);
            if (!first) {
                assertThat(header.extension(type).orElseThrow()).isEqualTo(value);
                assertThat(header.extension(3)).isEmpty();
                assertThat(header.extension(4)).isEmpty();
            }
        }
    }

    /** Whatever is changed, it is a header still or refused in the one way. */
    @Test
    void brokenHeadersAreRefusedInOneWay() {
        Random random = new Random(Seeds.next("ProxyHeaderParserTest"));
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            boolean six = random.nextBoolean();
            InetSocketAddress source = ProxyHeaders.address(random, six);
            InetSocketAddress destination = ProxyHeaders.address(random, six);
            byte[] bytes =
                    random.nextBoolean()
                            ? ProxyHeaders.version1(source, destination)
                            : ProxyHeaders.version2(
                                    source,
                                    destination,
                                    ProxyHeaders.extension(2, new byte[random.nextInt(20)]));
            int end =
                    random.nextInt(3) == 0 ? 16 + random.nextInt(bytes.length - 15) : bytes.length;
            byte[] broken = Arrays.copyOf(bytes, end);
            int changes = random.nextInt(4);
            for (int change = 0; change < changes; change++) {
                broken[12 + random.nextInt(end - 12)] = (byte) random.nextInt();
            }
            try {
                if (ProxyHeaderParser.isVersion2(broken)) {
                    ProxyHeaderParser.bodyBytes(broken);
                    ProxyHeaderParser.parseVersion2(broken);
                } else {
                    ProxyHeaderParser.parseVersion1(broken);
                }
            } catch (MalformedProxyHeaderException e) {
                assertThat(e.getMessage()).isPrintable();
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324",
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 ",
                "PROXY TCP4 192.0.2.1  192.0.2.2 56324 443",
                "PROXY TCP4 192.0.2.01 192.0.2.2 56324 443",
                "PROXY TCP4 192.0.2 192.0.2.2 56324 443",
                "PROXY TCP4 192.0.2.256 192.0.2.2 56324 443",
                "PROXY TCP4 localhost 192.0.2.2 56324 443",
                "PROXY TCP4 192.0.2.1 192.0.2.2 56324 65536",
                "PROXY TCP4 192.0.2.1 192.0.2.2 -1 443",
                "PROXY TCP4 192.0.2.1 192.0.2.2 0x1 443",
                "PROXY TCP4 192.0.2.1 192.0.2.2 +80 443",
                "PROXY TCP4 ::1 ::1 56324 443",
                "PROXY TCP6 192.0.2.1 192.0.2.2 56324 443",
                "PROXY TCP6 fe80::1%lo ::1 56324 443",
                "PROXY TCP6 :::1 ::1 56324 443",
                "PROXY UDP4 192.0.2.1 192.0.2.2 56324 443",
                "PROXY tcp4 192.0.2.1 192.0.2.2 56324 443",
                "PROXY       ",
                "PROXY  TCP4 192.0.2.1 192.0.2.2 56324 443",
            })
    void linesThatAreNearlyRightAreRefused(String line) {
        assertThatThrownBy(() -> parse(ProxyHeaders.ascii(line + "\r\n")))
                .isInstanceOf(MalformedProxyHeaderException.class)
                .hasMessageContaining(line);
    }

    @Test
    void whoIsUnknownHasNoAddress() throws Exception {
        for (byte[] header :
                new byte[][] {
                    ProxyHeaders.ascii("PROXY UNKNOWN\r\n"),
                    ProxyHeaders.ascii("PROXY UNKNOWN ffff::1 whatever 1 2\r\n"),
                    ProxyHeaders.version2(0x20, 0x00, new byte[0]),
                    ProxyHeaders.version2(0x20, 0x11, new byte[3]),
                    ProxyHeaders.version2(0x21, 0x00, new byte[5]),
                    ProxyHeaders.version2(0x21, 0x31, new byte[216])
                }) {
            assertThat(parse(header).source()).isEmpty();
            assertThat(parse(header).destination()).isEmpty();
            assertThat(parse(header).toString()).startsWith("ProxyHeader[version ");
        }
    }

    @Test
    void whatTheFormatForbidsIsRefused() {
        byte[] wrongSum =
                ProxyHeaders.summed(
                        ProxyHeaders.version2(
                                SOURCE, DESTINATION, ProxyHeaders.extension(3, new byte[4])));
        wrongSum[16] ^= 1;
        byte[][] headers = {
            ProxyHeaders.version2(0x11, 0x11, new byte[12]),
            ProxyHeaders.version2(0x22, 0x11, new byte[12]),
            ProxyHeaders.version2(0x21, 0x41, new byte[216]),
            ProxyHeaders.version2(0x21, 0x13, new byte[12]),
            ProxyHeaders.version2(0x21, 0x11, new byte[11]),
            ProxyHeaders.version2(0x21, 0x21, new byte[35]),
            ProxyHeaders.version2(0x21, 0x31, new byte[215]),
            ProxyHeaders.version2(0x21, 0x11, new byte[14]),
            ProxyHeaders.version2(0x21, 0x11, new byte[16_385]),
            ProxyHeaders.version2(SOURCE, DESTINATION, new byte[] {2, 0, 5, 1, 2, 3, 4}),
            ProxyHeaders.version2(SOURCE, DESTINATION, ProxyHeaders.extension(3, new byte[5])),
            wrongSum
        };
        for (byte[] header : headers) {
            assertThatThrownBy(() -> parse(header))
                    .isInstanceOf(MalformedProxyHeaderException.class);
        }
    }

    @Test
    void networksContainTheirAddresses() throws Exception {
        ProxyProtocol some = ProxyProtocol.from("192.0.2.128/25", "2001:db8::/31", "203.0.113.7");
        assertThat(trusted(some, "192.0.2.128", "192.0.2.255", "2001:db9::1", "203.0.113.7"))
                .isTrue();
        for (String other : new String[] {"192.0.2.127", "2001:dba::", "203.0.113.6", "::1"}) {
            assertThat(trusted(some, other)).as(other).isFalse();
        }
        ProxyProtocol privately = ProxyProtocol.fromPrivateNetworks();
        assertThat(trusted(privately, "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.9.9"))
                .isTrue();
        assertThat(trusted(privately, "169.254.1.1", "::1", "fd00::1", "fe80::1")).isTrue();
        for (String other : new String[] {"11.0.0.1", "172.32.0.1", "192.0.2.1", "2001:db8::1"}) {
            assertThat(trusted(privately, other)).as(other).isFalse();
        }
        assertThat(trusted(ProxyProtocol.from("0.0.0.0/0"), "8.8.8.8")).isTrue();
    }

    private static boolean trusted(ProxyProtocol protocol, String... hosts) throws Exception {
        for (String host : hosts) {
            if (!protocol.trusts(InetAddress.getByName(host))) {
                return false;
            }
        }
        return true;
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        for (String text : new String[] {"10.0.0.0/33", "10.0.0/8", "localhost", "::1/129", "/8"}) {
            assertThatThrownBy(() -> ProxyProtocol.from(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("network=" + text);
        }
        assertThatThrownBy(() -> ProxyProtocol.from())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("networks=[]");
        assertThatThrownBy(
                        () -> ProxyProtocol.fromPrivateNetworks().withHeaderTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("headerTimeout=PT0S");
    }
}
