package io.byssus.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a TCP segment: its header, and its options, which can be written again. */
class TcpHeaderFuzz {
    private final TcpOptions options = new TcpOptions();
    private final TcpOptions again = new TcpOptions();

    static Stream<byte[]> segments() {
        String ports = "9c40005000000001";
        return Stream.of(
                        // A SYN as Linux has it, one with ECN and nothing else, SACK blocks, text.
                        ports
                                + "00000000a002fffffe3000000204ffd70402080a0000000100000000"
                                + "01030307",
                        ports + "0000000050c2ffff00000000",
                        ports
                                + "00000002d010ffff00000000"
                                + "01010512000000010000000200000003"
                                + "00000004"
                                + "0101080a0000000100000002",
                        ports + "000000025018ffff0000000048656c6c6f")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("segments")
    @FuzzTest
    void headerAndOptionsAreReadWithinTheirBytes(byte[] bytes) {
        MemorySegment segment = MemorySegment.ofArray(bytes);
        Defect lengths = TcpHeader.checkLengths(segment, 0, bytes.length);
        Defect all = TcpHeader.check(segment, 0, bytes.length, 0);
        if (lengths != Defect.NONE) {
            assertThat(all).isEqualTo(lengths);
            return;
        }
        assertThat(all).isIn(Defect.NONE, Defect.BAD_CHECKSUM);
        int headerLength = TcpHeader.headerLength(segment, 0);
        assertThat(headerLength).isBetween(TcpHeader.BYTES_MIN, bytes.length);
        TcpHeader.complete(segment, 0, bytes.length, 0);
        assertThat(TcpHeader.check(segment, 0, bytes.length, 0)).isEqualTo(Defect.NONE);
        assertThat(TcpHeader.headerLength(segment, 0)).isEqualTo(headerLength);
        if (options.parse(segment, 0) == Defect.NONE) {
            assertOptionsCanBeWritten();
        }
    }

    private void assertOptionsCanBeWritten() {
        MemorySegment segment = MemorySegment.ofArray(new byte[TcpHeader.BYTES_MAX]);
        long at = TcpHeader.BYTES_MIN;
        if (options.mss() != TcpOptions.ABSENT) {
            at += TcpOptions.writeMss(segment, at, options.mss());
        }
        if (options.windowScale() != TcpOptions.ABSENT) {
            at += TcpOptions.writeWindowScale(segment, at, options.windowScale());
        }
        if (options.sackPermitted()) {
            at += TcpOptions.writeSackPermitted(segment, at);
        }
        if (options.hasTimestamps()) {
            at +=
                    TcpOptions.writeTimestamps(
                            segment, at, options.timestampValue(), options.timestampEcho());
        }
        if (options.sackBlocks() > 0) {
            at += TcpOptions.beginSack(segment, at, options.sackBlocks());
            for (int i = 0; i < options.sackBlocks(); i++) {
                at +=
                        TcpOptions.writeSackBlock(
                                segment, at, options.sackStart(i), options.sackEnd(i));
            }
        }
        int length = (int) at - TcpHeader.BYTES_MIN;
        length = TcpOptions.pad(segment, TcpHeader.BYTES_MIN, length);
        TcpHeader.headerLength(segment, 0, TcpHeader.BYTES_MIN + length);
        assertThat(again.parse(segment, 0)).isEqualTo(Defect.NONE);
        assertThat(said(again)).isEqualTo(said(options));
    }

    private static List<Object> said(TcpOptions options) {
        List<Object> said = new ArrayList<>();
        said.add(options.mss());
        said.add(options.windowScale());
        said.add(options.sackPermitted());
        said.add(options.hasTimestamps());
        said.add(options.timestampValue());
        said.add(options.timestampEcho());
        for (int i = 0; i < options.sackBlocks(); i++) {
            said.add(options.sackStart(i));
            said.add(options.sackEnd(i));
        }
        return said;
    }
}
