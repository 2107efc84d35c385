package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.Ipv4Header;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any fragments of one datagram, in any order: what becomes whole is what the model says.
 *
 * <p>Three bytes of input are a fragment: where it belongs, how long it is and whether it is the
 * last, and what is in it.
 */
class ReassemblerFuzz {
    private static final int FRAGMENT_BYTES = 3;
    private static final int OFFSETS = 32;
    private static final int LENGTHS = 64;
    private static final int LAST = 0x80;
    private static final long SECRET = 1;

    private final TestPool pool = new TestPool();

    static Stream<byte[]> fragments() {
        return Stream.of("001041028241", "028241001041", "001041001041018042", "000041048241")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("fragments")
    @FuzzTest
    void anyFragmentsGiveWhatTheModelGives(byte[] input) {
        Reassembler reassembler = new Reassembler(pool.pool(), 64, 1 << 22, SECRET);
        DatagramModel model = new DatagramModel();
        for (int at = 0; at + FRAGMENT_BYTES <= input.length; at += FRAGMENT_BYTES) {
            if (add(reassembler, model, input[at], input[at + 1], input[at + 2])) {
                model = new DatagramModel();
            }
            assertThat(reassembler.bytes()).isEqualTo(pool.liveBytes());
        }
        reassembler.close();
        pool.assertNoneLeaked();
    }

    /** True if the datagram is whole now. */
    private boolean add(
            Reassembler reassembler, DatagramModel model, int where, int what, byte content) {
        int from = Ipv4Header.FRAGMENT_UNIT_BYTES * (where & (OFFSETS - 1));
        boolean last = (what & LAST) != 0;
        int length = what & (LENGTHS - 1);
        // An empty fragment is none, and the last one at the beginning is a whole datagram.
        if (length == 0 || (last && from == 0)) {
            return false;
        }
        if (!last) {
            length = Math.ceilDiv(length, Ipv4Header.FRAGMENT_UNIT_BYTES);
            length *= Ipv4Header.FRAGMENT_UNIT_BYTES;
        }
        byte[] payload = new byte[length];
        Arrays.fill(payload, content);
        byte[] packet =
                Packets.fragment(
                        Packets.packet("10.0.0.2", "10.0.0.1", Ipv4Header.PROTOCOL_UDP, payload),
                        1,
                        from,
                        last ? Ipv4Header.Part.LAST : Ipv4Header.Part.NOT_LAST);
        boolean expected = model.add(from, payload, last, packet);
        Buffer whole = reassembler.add(0, pool.of(packet));
        assertThat(whole != null).isEqualTo(expected);
        if (whole != null) {
            byte[] bytes = whole.toByteArray();
            assertThat(Arrays.copyOfRange(bytes, Ipv4Header.BYTES_MIN, bytes.length))
                    .isEqualTo(model.whole());
            whole.close();
        }
        return expected;
    }
}
