package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.time.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapDeviceTest {
    private static final long MILLENNIUM = 946_684_800_000_000_000L;

    @TempDir Path folder;

    private final Frames frames = new Frames();
    private final ManualClock clock = new ManualClock();

    private LinkDevice traced(LinkDevice device, Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        return new PcapDevice(device, new PcapWriter(channel), clock, MILLENNIUM);
    }

    @Test
    void writesWhatComesAndGoesInTheFormatOfPcap() throws Exception {
        Path file = folder.resolve("trace.pcap");
        InMemoryLink link = new InMemoryLink(1, 2, 1500, 10);
        LinkDevice near = traced(link.left(), file);
        clock.advance(Duration.ofMillis(1500));
        near.send(frames.numbered(1, 60));
        clock.advance(Duration.ofNanos(7));
        link.right().send(frames.numbered(2, 101));
        near.receive().close();
        assertThat(near.receive()).isNull();
        near.close();
        link.right().close();
        frames.assertNoneLeaked();

        ByteBuffer trace = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(trace.getInt()).isEqualTo(0xa1b23c4d);
        assertThat(trace.getShort()).isEqualTo((short) 2);
        assertThat(trace.getShort()).isEqualTo((short) 4);
        assertThat(trace.getLong()).isZero();
        assertThat(trace.getInt()).isEqualTo(262_144);
        assertThat(trace.getInt()).isEqualTo(1);
        assertPacket(trace, 946_684_801, 500_000_000, 60, 1);
        assertPacket(trace, 946_684_801, 500_000_007, 101, 2);
        assertThat(trace.hasRemaining()).isFalse();
    }

    private static void assertPacket(
            ByteBuffer trace, int seconds, int nanos, int length, int number) {
        assertThat(trace.getInt()).isEqualTo(seconds);
        assertThat(trace.getInt()).isEqualTo(nanos);
        assertThat(trace.getInt()).isEqualTo(length);
        assertThat(trace.getInt()).isEqualTo(length);
        byte[] bytes = new byte[length];
        trace.get(bytes);
        assertThat(bytes[0]).isZero();
        assertThat(bytes[length - 1]).isEqualTo((byte) (length - 1));
        assertThat(bytes[21]).isEqualTo((byte) number);
    }

    @Test
    void aChecksumThatIsLeftToTheDeviceIsCompleteInTheTraceBothWays() throws Exception {
        Path file = folder.resolve("offload.pcap");
        InMemoryLink link = InMemoryLink.withOffloads(1, 2, 1500, 10);
        LinkDevice near = traced(link.left(), file);
        assertThat(near.completesChecksums()).isTrue();
        assertThat(near.segmentationBytesMax()).isEqualTo(65_535);
        near.send(frames.needingChecksum(1), Frames.TCP_CHECKSUM);
        link.right().send(frames.needingChecksum(2), Frames.TCP_CHECKSUM);
        for (LinkDevice end : new LinkDevice[] {near, link.right()}) {
            try (Buffer frame = end.receive()) {
                assertThat(end.receivedOffload()).isEqualTo(Frames.TCP_CHECKSUM);
                assertThat(Frames.isChecksumRight(frame.toByteArray()))
                        .as("the frame itself is as it was")
                        .isFalse();
            }
        }
        near.close();
        link.right().close();
        frames.assertNoneLeaked();

        ByteBuffer trace = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        trace.position(24);
        for (int number = 1; number <= 2; number++) {
            trace.position(trace.position() + 16);
            byte[] bytes = new byte[100];
            trace.get(bytes);
            assertThat(bytes[21]).isEqualTo((byte) number);
            assertThat(bytes[99]).isEqualTo((byte) 99);
            assertThat(Frames.isChecksumRight(bytes)).isTrue();
        }
        assertThat(trace.hasRemaining()).isFalse();
    }

    @Test
    void aTraceThatCannotBeWrittenLosesNoFrame() throws Exception {
        InMemoryLink link = new InMemoryLink(1, 2, 1500, 10);
        FileChannel channel =
                FileChannel.open(
                        folder.resolve("gone.pcap"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        LinkDevice near = new PcapDevice(link.left(), new PcapWriter(channel), clock, 0);
        channel.close();
        assertThatThrownBy(() -> near.send(frames.numbered(1)))
                .hasMessage("the trace cannot be written");
        near.close();
        link.right().close();
        frames.assertNoneLeaked();
    }
}
