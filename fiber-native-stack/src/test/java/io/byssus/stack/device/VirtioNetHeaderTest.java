package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.CompiledC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The struct against the C compiler's; and what of it is believed. */
class VirtioNetHeaderTest {
    private static final int FRAME_LENGTH = 100;

    private static Map<String, String> compiler;

    private final MemorySegment header = Arena.ofAuto().allocate(VirtioNetHeader.BYTES);

    @BeforeAll
    static void askTheCompiler(@TempDir Path folder) throws Exception {
        compiler =
                CompiledC.run(
                        folder,
                        """
                        #include <stdio.h>
                        #include <linux/virtio_net.h>
                        int main(void) {
                            struct virtio_net_hdr h = {
                                VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN,
                                66, 1448, 34, 16 };
                            printf("size=%zu\\nbytes=", sizeof h);
                            for (size_t i = 0; i < sizeof h; i++)
                                printf("%02x", ((unsigned char *) &h)[i]);
                            printf("\\nvalid=%d\\nnone=%d\\n",
                                   VIRTIO_NET_HDR_F_DATA_VALID, VIRTIO_NET_HDR_GSO_NONE);
                            return 0;
                        }
                        """);
    }

    @Test
    void itsBytesAreThoseOfTheCompiler() {
        assertThat(compiler).containsEntry("size", Integer.toString(VirtioNetHeader.BYTES));
        header.fill((byte) 0xff);
        VirtioNetHeader.write(
                header.address(),
                Offload.congestionWindowReduced(
                        Offload.tcpSegments(Offload.checksum(34, 16), 66, 1448)));
        assertThat(hex()).isEqualTo(compiler.get("bytes"));
        assertThat(compiler)
                .containsEntry("valid", Integer.toString(VirtioNetHeader.FLAG_DATA_VALID))
                .containsEntry("none", Integer.toString(VirtioNetHeader.GSO_NONE));
    }

    @Test
    void nothingToDoIsAllZeros() {
        header.fill((byte) 0xff);
        VirtioNetHeader.write(header.address(), Offload.NONE);
        assertThat(hex()).isEqualTo("00".repeat(VirtioNetHeader.BYTES));
        assertThat(offload()).isEqualTo(Offload.NONE);
    }

    @Test
    void whatIsWrittenIsReadButForTheHeaderLengthWhichTheKernelMakesUp() {
        VirtioNetHeader.write(
                header.address(), Offload.tcpSegments(Offload.checksum(34, 16), 54, 1460));
        assertThat(offload()).isEqualTo(Offload.tcpSegments(Offload.checksum(34, 16), 0, 1460));
    }

    @Test
    void theKernelsWordThatTheDataAreValidIsTaken() {
        put(0, VirtioNetHeader.FLAG_DATA_VALID);
        assertThat(offload()).isEqualTo(Offload.VERIFIED);
    }

    @Test
    void aChecksumOutsideTheFrameIsInvalid() {
        put(0, VirtioNetHeader.FLAG_NEEDS_CSUM);
        put(6, 82);
        put(8, 16);
        assertThat(offload()).isEqualTo(Offload.checksum(82, 16));
        put(6, 83);
        assertThat(offload()).isEqualTo(VirtioNetHeader.INVALID);
        put(6, 34);
        put(9, 1);
        assertThat(offload()).as("offset 272").isEqualTo(VirtioNetHeader.INVALID);
    }

    @Test
    void segmentationThatNobodyAgreedOnIsInvalid() {
        put(4, 100);
        for (int type : new int[] {3, 4, 5, 0x80, 0x7f}) {
            put(1, type);
            assertThat(offload()).as("type " + type).isEqualTo(VirtioNetHeader.INVALID);
        }
    }

    @Test
    void segmentsOfNoBytesAreInvalid() {
        put(1, VirtioNetHeader.GSO_TCPV4);
        assertThat(offload()).isEqualTo(VirtioNetHeader.INVALID);
    }

    private long offload() {
        return VirtioNetHeader.offload(header.address(), FRAME_LENGTH);
    }

    private void put(int offset, int value) {
        header.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    private String hex() {
        return HexFormat.of().formatHex(header.toArray(ValueLayout.JAVA_BYTE));
    }
}
