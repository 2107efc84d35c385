package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Errno;
import io.byssus.runtime.os.SocketAddresses;
import io.byssus.runtime.os.Sockets;
import io.byssus.stack.device.TapOptions.Offloads;
import io.byssus.testing.Eventually;
import io.byssus.testing.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the kernel hardly ever does to a TAP device: a socket takes its place, from which comes
 * whatever the test puts into it, and which can be full.
 */
class TapDeviceDropsTest {
    private static final int MTU = 1500;
    private static final int FRAME_LENGTH = 100;

    private final Frames frames = new Frames();
    private final CallState state = new CallState();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment bytes = arena.allocate(1 << 17, Long.BYTES);
    private int ours;
    private int kernels;
    private TapDevice device;

    @BeforeEach
    void connect() {
        int listening = Sockets.stream(state, SocketAddresses.AF_INET);
        long address = bytes.address();
        long length = address + SocketAddresses.BYTES_MAX + Integer.BYTES;
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Sockets.bind(state, listening, address, SocketAddresses.write(any, address));
        Sockets.listen(state, listening, 1);
        Sockets.localAddress(state, listening, address, length);
        InetSocketAddress bound = SocketAddresses.read(address);
        ours = Sockets.stream(state, SocketAddresses.AF_INET);
        Sockets.connect(state, ours, address, SocketAddresses.write(bound, address));
        Eventually.until(
                "it is connected",
                () -> {
                    kernels = Sockets.accept(state, listening, address, length);
                    return kernels >= 0;
                });
        Descriptors.close(state, listening);
        open(Offloads.NONE);
    }

    private void open(Offloads offloads) {
        TapOptions options = TapOptions.of("tap0").withOffloads(offloads);
        device = new TapDevice(options, new TapInterface(ours, MTU, true), frames.pool());
    }

    @AfterEach
    void noFrameLeaks() {
        device.close();
        Descriptors.close(state, kernels);
        arena.close();
        frames.assertNoneLeaked();
    }

    /** One frame of zeros from the kernel, its header first as it is in {@link #bytes}. */
    private Buffer receive(int length) {
        int count = VirtioNetHeader.BYTES + length;
        assertThat(Sockets.send(state, kernels, bytes.address(), count)).isEqualTo(count);
        long droppedBefore = dropped();
        Buffer[] frame = new Buffer[1];
        Eventually.until(
                "a frame has arrived or was dropped",
                () -> {
                    frame[0] = device.receive();
                    return frame[0] != null || dropped() > droppedBefore;
                });
        return frame[0];
    }

    private long dropped() {
        DeviceCounters counters = device.counters();
        return counters.receivedTooShort()
                + counters.receivedTooLong()
                + counters.receivedInvalid();
    }

    private void header(long offload) {
        bytes.fill((byte) 0);
        VirtioNetHeader.write(bytes.address(), offload);
    }

    @Test
    void aFrameWithoutAnEthernetHeaderIsDropped() {
        header(Offload.NONE);
        assertThat(receive(13)).isNull();
        assertThat(device.counters().receivedTooShort()).isEqualTo(1);
        receive(14).close();
    }

    @Test
    void aFrameLongerThanTheMtuAllowsIsDropped() {
        header(Offload.NONE);
        receive(1514).close();
        assertThat(receive(1515)).isNull();
        assertThat(device.counters().receivedTooLong()).isEqualTo(1);
        receive(1514).close();
    }

    @Test
    void afterTheFirstFrameThatIsTooLongForABufferTheNextIsWhole() {
        open(Offloads.TCP_SEGMENTATION);
        header(Offload.NONE);
        bytes.set(ValueLayout.JAVA_BYTE, VirtioNetHeader.BYTES, (byte) 1);
        bytes.set(ValueLayout.JAVA_BYTE, VirtioNetHeader.BYTES + 65_548, (byte) 2);
        assertThat(receive(65_549)).isNull();
        assertThat(device.counters().receivedTooLong()).isEqualTo(1);
        // A stream, unlike a TAP device, keeps what a read has left; that is too short for a frame.
        Eventually.until(
                "the rest was dropped",
                () -> {
                    assertThat(device.receive()).isNull();
                    return device.counters().receivedTooShort() == 1;
                });
        try (Buffer frame = receive(65_549)) {
            assertThat(frame.length()).isEqualTo(65_549);
            assertThat(frame.get(0)).isEqualTo((byte) 1);
            assertThat(frame.get(65_548)).isEqualTo((byte) 2);
        }
        try (Buffer frame = receive(FRAME_LENGTH)) {
            assertThat(frame.length()).isEqualTo(FRAME_LENGTH);
            assertThat(frame.capacity()).isEqualTo(1 << 16);
        }
    }

    @Test
    void offloadsThatNobodyAskedForAreInvalid() {
        header(Frames.TCP_CHECKSUM);
        assertThat(receive(FRAME_LENGTH)).isNull();
        header(Offload.tcpSegments(Offload.NONE, 54, 1460));
        assertThat(receive(FRAME_LENGTH)).isNull();
        assertThat(device.counters().receivedInvalid()).isEqualTo(2);
    }

    @Test
    void anOffloadIsThatOfTheLastFrameOnly() {
        open(Offloads.TCP_SEGMENTATION);
        header(Frames.TCP_CHECKSUM);
        receive(FRAME_LENGTH).close();
        assertThat(device.receivedOffload()).isEqualTo(Frames.TCP_CHECKSUM);
        header(Offload.NONE);
        receive(FRAME_LENGTH).close();
        assertThat(device.receivedOffload()).isEqualTo(Offload.NONE);
    }

    @Test
    void withEndlessRubbishOthersHaveTheirTurnAndItIsLookedAgain() {
        Sockets.shutdown(state, kernels, Sockets.SHUT_WR); // now every read answers 0 bytes
        Eventually.until(
                "rubbish has arrived",
                () -> {
                    assertThat(device.receive()).isNull();
                    return device.counters().receivedTooShort() > 0;
                });
        assertThat(device.counters().receivedTooShort()).isEqualTo(64);
        assertThat(device.deadlineNanos()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void whateverArrivesIsAFrameOrCounted() {
        open(Offloads.TCP_SEGMENTATION);
        SplittableRandom random = new SplittableRandom(Seeds.next("TapDeviceDropsTest"));
        for (int i = 0; i < 2000; i++) {
            for (int at = 0; at < VirtioNetHeader.BYTES; at++) {
                int value = random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(2);
                bytes.set(ValueLayout.JAVA_BYTE, at, (byte) value);
            }
            try (Buffer frame = receive(random.nextInt(200))) {
                if (frame != null) {
                    long offload = device.receivedOffload();
                    assertThat(Offload.fits(offload, frame.length())).isTrue();
                    if (Offload.needsChecksum(offload)) {
                        Offload.complete(offload, frame);
                    }
                }
            }
        }
        assertThat(device.counters().framesReceived() + dropped()).isEqualTo(2000);
        assertThat(device.counters().framesReceived()).isPositive();
        assertThat(device.counters().receivedInvalid()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {FRAME_LENGTH, 1000})
    void aFrameForWhichTheKernelHasNoRoomWaitsUntilItHas(int frameLength) {
        while (Sockets.send(state, ours, bytes.address(), bytes.byteSize()) > 0) {
            assertThat(device.hasRoom()).isTrue();
        }
        assertThat(state.errno()).isEqualTo(Errno.EAGAIN);
        device.send(frames.numbered(7, frameLength));
        assertThat(device.hasRoom()).isFalse();
        assertThat(device.counters().framesSent()).isZero();
        device.onWritable();
        assertThat(device.hasRoom()).as("there is still none").isFalse();

        Eventually.until(
                "there is room",
                () -> {
                    Sockets.receive(state, kernels, bytes.address(), bytes.byteSize());
                    device.onWritable();
                    return device.hasRoom();
                });
        assertThat(device.counters().sendWaits()).isEqualTo(1);
        assertThat(device.counters().framesSent()).isEqualTo(1);
        assertThat(device.counters().bytesSent()).isEqualTo(frameLength);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 256, 257, 1514})
    void aFrameIsWrittenBehindItsHeaderWhateverItsLength(int frameLength) {
        open(Offloads.TCP_SEGMENTATION);
        byte[] sent;
        try (Buffer frame = frames.numbered(7, frameLength)) {
            sent = frame.toByteArray();
            device.send(frame.share(), Frames.TCP_CHECKSUM);
        }
        Eventually.until(
                "it has arrived",
                () -> Sockets.receive(state, kernels, bytes.address(), bytes.byteSize()) > 0);
        assertThat(VirtioNetHeader.offload(bytes.address(), frameLength))
                .isEqualTo(Frames.TCP_CHECKSUM);
        assertThat(bytes.asSlice(VirtioNetHeader.BYTES, frameLength).toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(sent);
    }

    @Test
    void aFrameThatWaitsAtTheEndIsReleased() {
        while (Sockets.send(state, ours, bytes.address(), bytes.byteSize()) > 0) {
            assertThat(device.hasRoom()).isTrue();
        }
        device.send(frames.numbered(7));
        assertThat(device.hasRoom()).isFalse();
    }
}
