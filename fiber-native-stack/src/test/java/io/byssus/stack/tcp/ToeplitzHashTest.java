package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.testing.Seeds;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToeplitzHashTest {
    /** The key of Microsoft's "Verifying the RSS Hash Calculation". */
    private static final byte[] STANDARD_KEY =
            HexFormat.of()
                    .parseHex(
                            "6d5a56da255b0ec24167253d43a38fb0d0ca2bcb"
                                    + "ae7b30b477cb2da38030f20c6a42b73bbeac01fa");

    private final ToeplitzHash standard = new ToeplitzHash(STANDARD_KEY);
    private final Random random = new Random(Seeds.next("ToeplitzHashTest"));

    private static int hash(ToeplitzHash hash, IpAddress source, IpAddress destination, int ports) {
        return hash.ofFlow(
                source.high(), source.low(), destination.high(), destination.low(), ports);
    }

    /** The definition, bit by bit. */
    private static int model(byte[] key, byte[] input) {
        int hash = 0;
        for (int bit = 0; bit < input.length * 8; bit++) {
            if ((input[bit / 8] & (0x80 >>> (bit % 8))) != 0) {
                for (int i = bit; i < bit + 32; i++) {
                    int keyBit = (key[i / 8] >>> (7 - (i % 8))) & 1;
                    hash ^= keyBit << (31 - (i - bit));
                }
            }
        }
        return hash;
    }

    @ParameterizedTest
    @CsvSource({
        "66.9.149.187,   2794,  161.142.100.80,  1766,  51ccc178",
        "199.92.111.2,   14230, 65.69.140.83,    4739,  c626b0ea",
        "24.19.198.95,   12898, 12.22.207.184,   38024, 5c2b394a",
        "38.27.205.30,   48228, 209.142.163.6,   2217,  afc7327f",
        "153.39.163.191, 44251, 202.188.127.2,   1303,  10e828a2",
        "3ffe:2501:200:1fff::7,                2794,  3ffe:2501:200:3::1, 1766, 40207d3d",
        "3ffe:501:8::260:97ff:fe40:efab,       14230, ff02::1,            4739, dde51bbf",
        "3ffe:1900:4545:3:200:f8ff:fe21:67cf,  44251, fe80::200:f8ff:fe21:67cf, 38024, 02d1feef"
    })
    void hasTheVerificationVectorsOfReceiveSideScaling(
            String source, int sourcePort, String destination, int destinationPort, String expected)
            throws UnknownHostException {
        int hash =
                hash(
                        standard,
                        IpAddress.of(InetAddress.getByName(source)),
                        IpAddress.of(InetAddress.getByName(destination)),
                        Flow.ports(sourcePort, destinationPort));
        assertThat(HexFormat.of().toHexDigits(hash)).isEqualTo(expected);
    }

    @Test
    void isWhatTheDefinitionSaysForAnyKey() {
        byte[] key = new byte[40];
        for (int i = 0; i < 1000; i++) {
            random.nextBytes(key);
            ToeplitzHash toeplitz = new ToeplitzHash(key);
            long[] words = random.longs(4).toArray();
            int ports = random.nextInt();
            ByteBuffer input = ByteBuffer.allocate(36);
            input.putLong(words[0]).putLong(words[1]).putLong(words[2]).putLong(words[3]);
            input.putInt(ports);
            assertThat(toeplitz.ofFlow(words[0], words[1], words[2], words[3], ports))
                    .isEqualTo(model(key, input.array()));
            ByteBuffer ipv4 = ByteBuffer.allocate(12);
            ipv4.putInt((int) words[1]).putInt((int) words[3]).putInt(ports);
            assertThat(
                            toeplitz.ofFlow(
                                    0,
                                    IpAddress.lowOfIpv4((int) words[1]),
                                    0,
                                    IpAddress.lowOfIpv4((int) words[3]),
                                    ports))
                    .isEqualTo(model(key, ipv4.array()));
        }
    }

    @Test
    void theSymmetricHashIsTheSameInBothDirections() {
        for (int i = 0; i < 10_000; i++) {
            TestFlow flow = TestFlow.random(random);
            int there =
                    ToeplitzHash.SYMMETRIC.ofFlow(
                            flow.localHigh(),
                            flow.localLow(),
                            flow.remoteHigh(),
                            flow.remoteLow(),
                            flow.ports());
            int back =
                    ToeplitzHash.SYMMETRIC.ofFlow(
                            flow.remoteHigh(),
                            flow.remoteLow(),
                            flow.localHigh(),
                            flow.localLow(),
                            Integer.rotateLeft(flow.ports(), 16));
            assertThat(back).isEqualTo(there);
        }
    }

    @Test
    void theStandardHashIsNotTheSameInBothDirections() {
        IpAddress a = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.1"));
        IpAddress b = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.2"));
        assertThat(hash(standard, a, b, Flow.ports(1, 2)))
                .isNotEqualTo(hash(standard, b, a, Flow.ports(2, 1)));
    }

    @Test
    void theFragmentsOfADatagramHashAlike() {
        IpAddress a = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.1"));
        IpAddress b = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.2"));
        int hash = fragment(a, b, 17, 0x1234);
        assertThat(fragment(a, b, 17, 0x1234)).isEqualTo(hash);
        assertThat(fragment(a, b, 17, 0x1235)).isNotEqualTo(hash);
        assertThat(fragment(a, b, 6, 0x1234)).isNotEqualTo(hash);
        byte[] input = ByteBuffer.allocate(12).putInt(a.ipv4()).putInt(b.ipv4()).array();
        ByteBuffer.wrap(input).putShort(8, (short) 17).putShort(10, (short) 0x1234);
        assertThat(standard.ofFragment(a.high(), a.low(), b.high(), b.low(), 17, 0x1234))
                .isEqualTo(model(STANDARD_KEY, input));
    }

    private static int fragment(IpAddress a, IpAddress b, int protocol, int id) {
        return ToeplitzHash.SYMMETRIC.ofFragment(
                a.high(), a.low(), b.high(), b.low(), protocol, id);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 8, 16, 61, 64})
    void flowsAreSpreadEvenlyOverAnyNumberOfShards(int shards) {
        int[] counts = new int[shards];
        for (int i = 0; i < 100_000; i++) {
            int hash =
                    hash(
                            ToeplitzHash.SYMMETRIC,
                            IpAddress.ofIpv4(random.nextInt()),
                            IpAddress.ofIpv4(random.nextInt()),
                            random.nextInt());
            counts[ToeplitzHash.shard(hash, shards)]++;
        }
        // 16 bits fold to the hash, so it is not as even as chance.
        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count ->
                        assertThat(count)
                                .isBetween((int) (80_000.0 / shards), (int) (120_000.0 / shards)));
    }

    /** One client to one server, from ports in order, or every second one, as Linux takes them. */
    @ParameterizedTest
    @CsvSource({"2, 1", "4, 1", "8, 1", "2, 2", "4, 2", "8, 2", "3, 1", "6, 2", "2, 16", "4, 256"})
    void portsInOrderAreSpreadEvenly(int shards, int step) {
        int each = 64;
        int[] counts = new int[shards];
        for (int i = 0; i < shards * each; i++) {
            int hash =
                    hash(
                            ToeplitzHash.SYMMETRIC,
                            IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.1")),
                            IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.2")),
                            Flow.ports((32_768 + (i * step)) & 0xffff, 80));
            counts[ToeplitzHash.shard(hash, shards)]++;
        }
        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(each * 3 / 4, each * 5 / 4));
    }

    @Test
    void aKeyHas40Bytes() {
        assertThatThrownBy(() -> new ToeplitzHash(new byte[39]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("key.length=39");
    }
}
