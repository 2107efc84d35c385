package io.byssus.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.Here;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes in pieces of any length, cut into records: the same records as if they had come in one
 * piece. The first byte says how long the pieces are.
 */
class RecordInputFuzz {
    private final BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);

    static Stream<byte[]> streams() {
        return Stream.of(
                        "05" + "1703030003aabbcc" + "1703030001dd" + "1503030002010000",
                        "01" + "1603010004010000001403030001011703030000",
                        "03" + "17030348011703034801",
                        "02" + "474554202f20485454502f312e310d0a0d0a",
                        "10" + "1703030013000102030405060708090a0b0c0d0e0f101112" + "1703030001")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("streams")
    @FuzzTest
    void recordsAreTheSameInWhateverPiecesTheyCome(byte[] input) {
        if (input.length < 2) {
            return;
        }
        int piece = 1 + (input[0] & 0xff);
        ByteBuffer whole = ByteBuffer.wrap(input, 1, input.length - 1);
        ByteArrayOutputStream cut = new ByteArrayOutputStream();
        RecordInput records = new RecordInput();
        int next = 1;
        while (next < input.length) {
            if (!records.hasRoom()) {
                records.join(pool, 0, Long.MAX_VALUE);
            } else {
                int length = Math.min(piece, input.length - next);
                Buffer buffer = pool.allocate(length);
                buffer.put(0, input, next, length);
                records.add(buffer);
                next += length;
            }
            if (!take(records, whole, cut)) {
                records.close(); // no TLS: the engine would refuse it
                break;
            }
        }
        for (int i = 0; i < input.length && !records.hasRoom(); i++) {
            records.join(pool, 0, Long.MAX_VALUE);
            if (!take(records, whole, cut)) {
                break;
            }
        }
        records.close();
        assertThat(cut.toByteArray()).isEqualTo(Arrays.copyOfRange(input, 1, 1 + cut.size()));
        assertThat(pool.liveBlocks()).isZero();
    }

    /** Whether what was there were records; they are those of {@code whole}. */
    private static boolean take(RecordInput records, ByteBuffer whole, ByteArrayOutputStream cut) {
        for (int length = records.recordLength(); length > 0; length = records.recordLength()) {
            ByteBuffer view = records.view();
            boolean isRecord =
                    length >= Records.HEADER_BYTES
                            && Records.lengthOf(
                                            view.get(view.position()),
                                            view.get(view.position() + 1),
                                            view.get(view.position() + 3),
                                            view.get(view.position() + 4))
                                    == length;
            if (!isRecord) {
                return false;
            }
            assertThat(Records.length(whole)).isEqualTo(length);
            whole.position(whole.position() + length);
            byte[] record = new byte[length];
            view.get(record);
            cut.writeBytes(record);
            records.consume(length);
        }
        return true;
    }
}
