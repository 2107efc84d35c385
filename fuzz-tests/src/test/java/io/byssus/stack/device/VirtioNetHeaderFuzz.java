package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.byssus.runtime.memory.Buffer;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a virtio-net header and its frame, which it may have completed. */
class VirtioNetHeaderFuzz {
    private static final byte GUARD = 0x5a;
    private static final int GUARD_BYTES = 16;

    private final Frames frames = new Frames();

    static Stream<byte[]> headers() {
        String frame = "00".repeat(54);
        return Stream.of(
                        "00000000000000000000" + frame,
                        "02000000000000000000" + frame,
                        "01000000000022001000" + frame,
                        "01014200a80522001000" + frame,
                        "0181420001002200ff00" + frame)
                .map(HexFormat.of()::parseHex);
    }

    @AfterEach
    void nothingIsLeaked() {
        frames.assertNoneLeaked();
    }

    @MethodSource("headers")
    @FuzzTest
    void whatItAsksForStaysWithinTheFrame(byte[] bytes) {
        if (bytes.length < VirtioNetHeader.BYTES) {
            return;
        }
        int frameLength = bytes.length - VirtioNetHeader.BYTES;
        try (Buffer whole = frames.pool().allocate(bytes.length + GUARD_BYTES)) {
            whole.put(0, bytes, 0, bytes.length);
            for (int i = 0; i < GUARD_BYTES; i++) {
                whole.put(bytes.length + i, GUARD);
            }
            long offload = VirtioNetHeader.offload(whole.address(), frameLength);
            if (offload == VirtioNetHeader.INVALID) {
                return;
            }
            assertThat(Offload.fits(offload, frameLength)).isTrue();
            assertThat(Offload.isTcpSegments(offload)).isEqualTo(Offload.segmentBytes(offload) > 0);
            if (Offload.needsChecksum(offload)) {
                try (Buffer frame = whole.share(VirtioNetHeader.BYTES, frameLength)) {
                    Offload.complete(offload, frame);
                }
            }
            assertOnlyTheChecksumDiffers(bytes, whole, offload);
        }
    }

    private static void assertOnlyTheChecksumDiffers(byte[] bytes, Buffer whole, long offload) {
        int field = VirtioNetHeader.BYTES + Offload.checksumAt(offload);
        for (int at = 0; at < whole.length(); at++) {
            boolean isChecksum = Offload.needsChecksum(offload) && (at == field || at == field + 1);
            if (!isChecksum) {
                byte expected = at < bytes.length ? bytes[at] : GUARD;
                assertThat(whole.get(at)).as("byte %d", at).isEqualTo(expected);
            }
        }
    }
}
