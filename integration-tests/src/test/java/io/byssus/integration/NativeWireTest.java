package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wireshark's judgement of what passes between the native stack and the kernel. */
@Tag("tun")
@Timeout(60)
class NativeWireTest {
    private static final long BYTES = 4 << 20;
    private static final int SEGMENTS_MIN = 50;
    private static final Pattern LISTENING = Pattern.compile("listening on ");

    private static final int FILE_HEADER_BYTES = 24;
    private static final int FRAME_HEADER_BYTES = 16;
    private static final int CAPTURED_LENGTH_AT = 8;
    private static final int TYPE_AT = 12;
    private static final int PROTOCOL_AT = 23;

    @TempDir private static Path folder;

    /** Without offloads the frames at the kernel's end have their checksums, both ways. */
    private static Capture ofTheKernel;

    @BeforeAll
    static void capture() throws Exception {
        ofTheKernel = captureAtTheKernel();
    }

    /** With segmentation by the device too: the stack completes the checksums in the file. */
    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void nothingIsWrongInOurOwnCapture(String tso) throws Exception {
        Path file = folder.resolve("own");
        try (TapNetwork network = TapNetwork.create();
                RunningExample echo =
                        network.start("echo", "--tso", tso, "--pcap", file.toString())) {
            converse(network, echo);
            echo.stopCleanly();
        }
        assertNothingIsWrong(new Capture(folder.resolve("own.0")));
    }

    @Test
    void nothingIsWrongInTheKernelsCapture() {
        assertNothingIsWrong(ofTheKernel);
    }

    /** So that the above means something. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    IP time to live  | 0800 | 22 | 0x01
                    TCP sequence     | 0800 | 41 | 0x01
                    TCP checksum     | 0800 | 50 | 0x80
                    TCP data offset  | 0800 | 46 | 0xf0
                    ARP address size | 0806 | 18 | 0xff
                    """)
    void oneWrongFrameIsFound(String what, String type, int index, String bits) throws IOException {
        byte[] bytes = Files.readAllBytes(ofTheKernel.file());
        int frame = firstFrame(bytes, Integer.parseInt(type, 16));
        bytes[frame + index] ^= (byte) (int) Integer.decode(bits);
        Path bad = folder.resolve("bad");
        Files.write(bad, bytes);
        assertThat(new Capture(bad).wrongFrames()).as(what).hasSize(1);
    }

    private static Capture captureAtTheKernel() throws Exception {
        Path file = folder.resolve("kernel");
        try (TapNetwork network = TapNetwork.create();
                RunningExample echo = network.start("echo", "--tso", "off");
                Child tcpdump =
                        network.namespace.run(() ->
                                Child.start(
                                        "tcpdump",
                                        "-i",
                                        TapNetwork.DEVICE,
                                        "-B",
                                        "65536", // KiB, so that none is missed
                                        "-w",
                                        file.toString()))) {
            tcpdump.awaitErrorLine(LISTENING);
            converse(network, echo);
            echo.stopCleanly();
            tcpdump.signal("INT");
            Child.Ended ended = tcpdump.awaitEnd();
            assertThat(ended.err()).contains("\n0 packets dropped by kernel");
        }
        return new Capture(file);
    }

    /** Something of everything: ARP, ICMP, fragments, a refusal, bulk, both kinds of ends. */
    private static void converse(TapNetwork network, RunningExample echo) throws Exception {
        network.namespace.must("ping", "-n", "-c1", "-W5", "-s3000", TapNetwork.NATIVE);
        network.run("", "nc", "-w5", TapNetwork.NATIVE, "9");
        network.run("?", "nc", "-u", "-w1", TapNetwork.NATIVE, "9");
        Payload payload = Payload.seeded(BYTES);
        try (Socket socket = network.connect(echo)) {
            CompletableFuture<Long> sent = payload.sendAsync(socket);
            assertThat(payload.checksum(socket.getInputStream())).isEqualTo(sent.join());
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        try (Socket socket = network.connect(echo)) {
            socket.setSoLinger(true, 0);
            socket.getOutputStream().write(1);
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private static void assertNothingIsWrong(Capture capture) {
        assertThat(capture.wrongFrames()).isEmpty();
        // That the checksums were looked at, and of whom.
        for (String source : List.of(TapNetwork.KERNEL, TapNetwork.NATIVE)) {
            String from = "ip.src == " + source + " && ip.checksum.status == \"Good\" && ";
            assertThat(capture.frames(from + "tcp.checksum.status == \"Good\" && tcp.len > 0"))
                    .as("segments of " + source)
                    .hasSizeGreaterThan(SEGMENTS_MIN);
            assertThat(capture.frames(from + "icmp.checksum.status == \"Good\"")).isNotEmpty();
            assertThat(capture.frames("arp.src.proto_ipv4 == " + source)).isNotEmpty();
        }
    }

    /** Where the first frame of a type begins in a pcap file; if IPv4, one with a segment. */
    private static int firstFrame(byte[] pcap, int type) {
        ByteBuffer file = ByteBuffer.wrap(pcap).order(ByteOrder.LITTLE_ENDIAN);
        int frame = FILE_HEADER_BYTES + FRAME_HEADER_BYTES;
        while (frame < pcap.length) {
            int found = Short.toUnsignedInt(Short.reverseBytes(file.getShort(frame + TYPE_AT)));
            if (found == type && (type != 0x0800 || pcap[frame + PROTOCOL_AT] == 6)) {
                return frame;
            }
            int length = file.getInt(frame - FRAME_HEADER_BYTES + CAPTURED_LENGTH_AT);
            frame += length + FRAME_HEADER_BYTES;
        }
        throw new AssertionError("no such frame");
    }
}
