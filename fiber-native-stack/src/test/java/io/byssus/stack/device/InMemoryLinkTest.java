package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InMemoryLinkTest {
    private static final long LEFT = 0x0200_0000_0001L;
    private static final long RIGHT = 0x0200_0000_0002L;

    private final Frames frames = new Frames();
    private final InMemoryLink link = new InMemoryLink(LEFT, RIGHT, 1500, 3);
    private final LinkDevice left = link.left();
    private final LinkDevice right = link.right();

    @AfterEach
    void noFrameLeaks() throws Exception {
        left.close();
        right.close();
        frames.assertNoneLeaked();
    }

    @Test
    void whatOneEndSendsTheOtherReceivesInOrder() {
        left.send(frames.numbered(1));
        right.send(frames.numbered(2));
        left.send(frames.numbered(3));
        assertThat(Frames.number(right.receive())).isEqualTo(1);
        assertThat(Frames.number(right.receive())).isEqualTo(3);
        assertThat(right.receive()).isNull();
        assertThat(Frames.number(left.receive())).isEqualTo(2);
        assertThat(left.receive()).isNull();
    }

    @Test
    void theEndsKnowWhoTheyAre() {
        assertThat(left.macAddress()).isEqualTo(LEFT);
        assertThat(right.macAddress()).isEqualTo(RIGHT);
        assertThat(left.mtu()).isEqualTo(1500);
        assertThat(left.deadlineNanos()).isEqualTo(LinkDevice.NO_DEADLINE);
    }

    @Test
    void aFrameIsNotCopied() {
        Buffer frame = frames.numbered(1);
        left.send(frame);
        assertThat(right.receive()).isSameAs(frame);
        frame.close();
    }

    @Test
    void aFullDirectionHasNoRoomUntilTheOtherEndReceives() {
        for (int i = 0; i < 3; i++) {
            assertThat(left.hasRoom()).isTrue();
            left.send(frames.numbered(i));
        }
        assertThat(left.hasRoom()).isFalse();
        assertThat(right.hasRoom()).isTrue();
        right.receive().close();
        assertThat(left.hasRoom()).isTrue();
    }

    @Test
    void aClosedEndSendsNothingAndWhatItSentArrives() throws Exception {
        left.send(frames.numbered(7));
        left.close();
        assertThat(left.hasRoom()).isFalse();
        assertThat(Frames.number(right.receive())).isEqualTo(7);
    }

    @Test
    void withoutOffloadsNothingIsLeftToIt() {
        assertThat(left.completesChecksums()).isFalse();
        assertThat(left.segmentationBytesMax()).isZero();
        assertThat(left.descriptor()).isEqualTo(LinkDevice.NO_DESCRIPTOR);
        left.send(frames.numbered(1));
        right.receive().close();
        assertThat(right.receivedOffload()).isEqualTo(Offload.NONE);
        try (Buffer frame = frames.numbered(1)) {
            assertThatThrownBy(() -> left.send(frame, Frames.TCP_CHECKSUM))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void withOffloadsTheyPassAlongWithTheFrame() throws Exception {
        InMemoryLink offloading = InMemoryLink.withOffloads(LEFT, RIGHT, 1500, 3);
        LinkDevice near = offloading.left();
        LinkDevice far = offloading.right();
        assertThat(near.completesChecksums()).isTrue();
        assertThat(near.segmentationBytesMax()).isEqualTo(65_535);
        long segments = Offload.tcpSegments(Frames.TCP_CHECKSUM, 54, 1460);
        near.send(frames.numbered(1, 60_000), segments);
        near.send(frames.numbered(2), Frames.TCP_CHECKSUM);
        near.send(frames.numbered(3));
        assertThat(Frames.number(far.receive())).isEqualTo(1);
        assertThat(far.receivedOffload()).isEqualTo(segments);
        assertThat(Frames.number(far.receive())).isEqualTo(2);
        assertThat(far.receivedOffload()).isEqualTo(Frames.TCP_CHECKSUM);
        assertThat(Frames.number(far.receive())).isEqualTo(3);
        assertThat(far.receivedOffload()).isEqualTo(Offload.NONE);
        near.close();
        far.close();
    }
}
