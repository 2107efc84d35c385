package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private static final int SMALL = SendQueue.COPIED_BELOW - 1;
    private static final int LARGE = SendQueue.COPIED_BELOW;
    private static final int CHUNK = SendQueue.CHUNK_CAPACITY;

    private final QueueBuffers buffers = new QueueBuffers();
    private final SendQueue queue = new SendQueue(buffers.pool());

    @AfterEach
    void nothingLeaks() {
        queue.close();
        assertThat(queue.charged()).isZero();
        buffers.assertNoneLeaked();
    }

    private byte[] copied(int offset, int length) {
        try (Buffer target = buffers.pool().allocate(length)) {
            queue.copy(offset, length, target.address());
            return target.toByteArray();
        }
    }

    @Test
    void smallWritesShareAChunk() {
        for (int i = 0; i < 40; i++) {
            queue.append(buffers.of(QueueBuffers.numbered(100 * i, 100)));
        }
        assertThat(queue.length()).isEqualTo(4000);
        assertThat(queue.charged()).isEqualTo(CHUNK);
        assertThat(buffers.pool().liveBlocks()).isEqualTo(1);
        assertThat(copied(0, 4000)).isEqualTo(QueueBuffers.numbered(0, 4000));
    }

    @Test
    void aSmallWriteContinuesInTheNextChunk() {
        for (int i = 0; i < 3; i++) {
            queue.append(buffers.of(QueueBuffers.numbered(SMALL * i, SMALL)));
        }
        assertThat(queue.charged()).isEqualTo(2 * CHUNK);
        assertThat(copied(0, 3 * SMALL)).isEqualTo(QueueBuffers.numbered(0, 3 * SMALL));
        assertThat(queue.sliceLength(0)).isEqualTo(CHUNK);
        assertThat(queue.sliceLength(CHUNK)).isEqualTo(3 * SMALL - CHUNK);
    }

    @Test
    void aLargeWriteIsHeldNotCopied() {
        Buffer large = buffers.of(QueueBuffers.numbered(0, LARGE));
        long address = large.address();
        queue.append(large);
        assertThat(queue.sliceAddress(0)).isEqualTo(address);
        assertThat(queue.sliceAddress(7)).isEqualTo(address + 7);
        assertThat(queue.charged()).isEqualTo(large.capacity());
    }

    @Test
    void whatFollowsALargeWriteComesBehindIt() {
        queue.append(buffers.of(QueueBuffers.numbered(0, 10)));
        queue.append(buffers.of(QueueBuffers.numbered(10, LARGE)));
        queue.append(buffers.of(QueueBuffers.numbered(10 + LARGE, 10)));
        assertThat(copied(0, LARGE + 20)).isEqualTo(QueueBuffers.numbered(0, LARGE + 20));
        assertThat(queue.charged()).isEqualTo(2 * CHUNK + LARGE);
    }

    @Test
    void anAcknowledgmentReleasesWhatItCoversWhole() {
        queue.append(buffers.of(QueueBuffers.numbered(0, LARGE)));
        queue.append(buffers.of(QueueBuffers.numbered(LARGE, LARGE)));
        queue.acknowledge(LARGE - 1);
        assertThat(queue.charged()).isEqualTo(2 * LARGE);
        assertThat(copied(0, 3)).isEqualTo(QueueBuffers.numbered(LARGE - 1, 3));
        queue.acknowledge(1);
        assertThat(queue.charged()).isEqualTo(LARGE);
        queue.acknowledge(LARGE);
        assertThat(queue.charged()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void aChunkThatIsAcknowledgedInPartIsFilledFurther() {
        queue.append(buffers.of(QueueBuffers.numbered(0, 100)));
        queue.acknowledge(60);
        queue.append(buffers.of(QueueBuffers.numbered(100, 100)));
        assertThat(queue.charged()).isEqualTo(CHUNK);
        assertThat(copied(0, 140)).isEqualTo(QueueBuffers.numbered(60, 140));
    }

    @Test
    void anEmptyWriteIsClosed() {
        queue.append(Buffer.EMPTY);
        queue.append(buffers.pool().allocate(0));
        assertThat(queue.length()).isZero();
        assertThat(queue.charged()).isZero();
    }

    @Test
    void whatItDoesNotHoldIsRefused() {
        queue.append(buffers.of(QueueBuffers.numbered(0, 10)));
        assertThatThrownBy(() -> queue.copy(5, 6, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> queue.copy(-1, 1, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> queue.acknowledge(11))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> queue.sliceAddress(10))
                .isInstanceOf(IndexOutOfBoundsException.class);
        queue.copy(10, 0, 0);
    }

    @Test
    @Tag("MUST-60")
    @Tag("MUST-61")
    @Tag("SHLD-27")
    void must61_theLastBufferedSegmentCarriesPushAndNoOther() {
        queue.append(buffers.of(QueueBuffers.numbered(0, 100)));
        assertThat(queue.endsPush(100)).isTrue();
        queue.append(buffers.of(QueueBuffers.numbered(100, 100)));
        assertThat(queue.endsPush(100)).isFalse();
        assertThat(queue.endsPush(200)).isTrue();
        queue.acknowledge(150);
        assertThat(queue.endsPush(50)).isTrue();
    }

    /** Writes, acknowledgments, sequential reads and retransmissions, against one byte array. */
    @Test
    void isTheBytesThatWereWrittenWhateverIsReadAndAcknowledged() {
        SplittableRandom random = new SplittableRandom(Seeds.next("SendQueueTest"));
        byte[] model = new byte[0];
        int sent = 0;
        for (int step = 0; step < 6000; step++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    if (model.length < 200_000) {
                        byte[] more = QueueBuffers.random(random, lengthOfWrite(random));
                        queue.append(buffers.of(more));
                        model = joined(model, more);
                    }
                }
                case 2 -> {
                    int length = Math.min(model.length - sent, random.nextInt(5000));
                    assertThat(copied(sent, length))
                            .isEqualTo(Arrays.copyOfRange(model, sent, sent + length));
                    sent += length;
                }
                case 3 -> {
                    int offset = random.nextInt(model.length + 1);
                    int length = random.nextInt(Math.min(3000, model.length - offset) + 1);
                    assertThat(copied(offset, length))
                            .isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
                }
                default -> {
                    int count = random.nextInt(step % 500 == 0 ? model.length + 1 : sent + 1);
                    queue.acknowledge(count);
                    model = Arrays.copyOfRange(model, count, model.length);
                    sent = Math.max(0, sent - count);
                }
            }
            assertThat(queue.length()).isEqualTo(model.length);
            assertThat((long) queue.charged()).isEqualTo(buffers.pool().liveBytes());
        }
        assertThat(gathered()).isEqualTo(model);
    }

    private byte[] gathered() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int offset = 0; offset < queue.length(); ) {
            byte[] slice = new byte[queue.sliceLength(offset)];
            RawMemory.copyOut(queue.sliceAddress(offset), slice, 0, slice.length);
            bytes.writeBytes(slice);
            offset += slice.length;
        }
        return bytes.toByteArray();
    }

    private static int lengthOfWrite(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(20);
            case 1 -> random.nextInt(SMALL + 2);
            case 2 -> LARGE + random.nextInt(20_000);
            default -> random.nextInt(1000);
        };
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
