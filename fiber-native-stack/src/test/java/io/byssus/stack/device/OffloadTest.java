package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import org.junit.jupiter.api.Test;

class OffloadTest {
    private final Frames frames = new Frames();

    @Test
    void everyFieldComesBackAsItWentIn() {
        long offload = Offload.tcpSegments(Offload.checksum(0xffff, 0xfe), 0xfd, 0xfffc);
        assertThat(Offload.needsChecksum(offload)).isTrue();
        assertThat(Offload.isVerified(offload)).isFalse();
        assertThat(Offload.isTcpSegments(offload)).isTrue();
        assertThat(Offload.isCongestionWindowReduced(offload)).isFalse();
        assertThat(Offload.checksumStart(offload)).isEqualTo(0xffff);
        assertThat(Offload.checksumOffset(offload)).isEqualTo(0xfe);
        assertThat(Offload.headerLength(offload)).isEqualTo(0xfd);
        assertThat(Offload.segmentBytes(offload)).isEqualTo(0xfffc);
        assertThat(Offload.isCongestionWindowReduced(Offload.congestionWindowReduced(offload)))
                .isTrue();
    }

    @Test
    void ofACompleteFrameNothingIsLeftToDo() {
        for (long offload : new long[] {Offload.NONE, Offload.VERIFIED}) {
            assertThat(Offload.needsChecksum(offload)).isFalse();
            assertThat(Offload.isTcpSegments(offload)).isFalse();
            assertThat(Offload.segmentBytes(offload)).isZero();
        }
        assertThat(Offload.isVerified(Offload.VERIFIED)).isTrue();
        assertThat(Offload.isVerified(Offload.NONE)).isFalse();
    }

    @Test
    void withoutItsChecksumItIsStillToBeCut() {
        long segments = Offload.tcpSegments(Offload.NONE, 54, 1460);
        assertThat(Offload.withoutChecksum(Offload.tcpSegments(Offload.checksum(34, 16), 54, 1460)))
                .isEqualTo(segments);
        assertThat(Offload.withoutChecksum(segments | Offload.VERIFIED)).isEqualTo(segments);
        assertThat(Offload.withoutChecksum(Offload.congestionWindowReduced(segments)))
                .isEqualTo(Offload.congestionWindowReduced(segments));
    }

    @Test
    void itFitsWhenChecksumAndHeaderAreWithinTheFrame() {
        assertThat(Offload.fits(Offload.checksum(34, 16), 52)).isTrue();
        assertThat(Offload.fits(Offload.checksum(34, 16), 51)).isFalse();
        assertThat(Offload.fits(Offload.tcpSegments(Offload.NONE, 54, 1460), 54)).isTrue();
        assertThat(Offload.fits(Offload.tcpSegments(Offload.NONE, 54, 1460), 53)).isFalse();
        assertThat(Offload.fits(Offload.NONE, 0)).isTrue();
    }

    @Test
    void aCompletedChecksumIsRight() {
        try (Buffer frame = frames.needingChecksum(1)) {
            assertThat(Frames.isChecksumRight(frame.toByteArray())).isFalse();
            Offload.complete(Frames.TCP_CHECKSUM, frame);
            assertThat(Frames.isChecksumRight(frame.toByteArray())).isTrue();
        }
        frames.assertNoneLeaked();
    }

    @Test
    void aChecksumOfZeroIsWrittenAsAllOnes() {
        try (Buffer frame = frames.numbered(1, 40)) {
            for (int i = 34; i < 40; i++) {
                frame.put(i, (byte) 0xff);
            }
            Offload.complete(Offload.checksum(34, 4), frame);
            assertThat(frame.get(38)).isEqualTo((byte) 0xff);
            assertThat(frame.get(39)).isEqualTo((byte) 0xff);
        }
    }
}
