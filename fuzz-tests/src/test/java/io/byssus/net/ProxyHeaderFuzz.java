package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a header of the PROXY protocol, cut as the reader cuts it. */
class ProxyHeaderFuzz {
    static Stream<byte[]> headers() {
        String signature = "0d0a0d0a000d0a515549540a";
        return Stream.of(
                        HexFormat.of().formatHex("PROXY UNKNOWN\r\n".getBytes()),
                        HexFormat.of()
                                .formatHex("PROXY TCP4 192.0.2.1 192.0.2.2 1 65535\r\n".getBytes()),
                        HexFormat.of().formatHex("PROXY TCP6 2001:db8::1 ::1 1 2\r\n".getBytes()),
                        signature + "20000000",
                        signature + "2111000cc0000201c0000202dc0401bb",
                        signature
                                + "21110017c0000201c0000202dc0401bb"
                                + "02000568656c6c6f"
                                + "040000",
                        signature + "21110013c0000201c0000202dc0401bb03000489abcdef")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("headers")
    @FuzzTest
    void aHeaderIsReadOrRefusedInOneWay(byte[] bytes) {
        if (bytes.length < ProxyHeaderParser.FIXED_BYTES - 1) {
            return; // the reader waits for more
        }
        try {
            ProxyHeader header = parse(bytes);
            assertThat(header.source().isPresent()).isEqualTo(header.destination().isPresent());
            assertThat(header.toString()).isPrintable();
        } catch (MalformedProxyHeaderException e) {
            assertThat(e.getMessage()).isPrintable();
        }
    }

    private static ProxyHeader parse(byte[] bytes) throws MalformedProxyHeaderException {
        if (!ProxyHeaderParser.isVersion2(bytes)) {
            return ProxyHeaderParser.parseVersion1(bytes);
        }
        byte[] fixed = Arrays.copyOf(bytes, ProxyHeaderParser.FIXED_BYTES);
        int length = ProxyHeaderParser.FIXED_BYTES + ProxyHeaderParser.bodyBytes(fixed);
        return ProxyHeaderParser.parseVersion2(Arrays.copyOf(bytes, length));
    }
}
