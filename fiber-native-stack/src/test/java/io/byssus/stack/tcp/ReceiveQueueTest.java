package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Seeds;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReceiveQueueTest {
    private static final int FRAME = 2048;
    private static final int HEADERS = 66;

    private final QueueBuffers buffers = new QueueBuffers();
    private final ReceiveQueue queue = new ReceiveQueue(buffers.pool());

    @AfterEach
    void nothingLeaks() {
        queue.close();
        assertThat(queue.charged()).isZero();
        assertThat(queue.length()).isZero();
        buffers.assertNoneLeaked();
    }

    private void arrive(int capacity, byte[] payload) {
        try (Buffer frame = buffers.frame(capacity, HEADERS, payload)) {
            queue.append(frame, HEADERS, payload.length);
        }
    }

    private byte[] polled() {
        return QueueBuffers.drain(queue.poll());
    }

    @Test
    void aFullFrameIsHeldNotCopied() {
        long address;
        try (Buffer frame = buffers.frame(FRAME, HEADERS, QueueBuffers.numbered(0, 1448))) {
            address = frame.address() + HEADERS;
            queue.append(frame, HEADERS, 1448);
        }
        assertThat(queue.length()).isEqualTo(1448);
        assertThat(queue.charged()).isEqualTo(FRAME);
        try (Buffer polled = queue.poll()) {
            assertThat(polled.address()).isEqualTo(address);
            assertThat(polled.toByteArray()).isEqualTo(QueueBuffers.numbered(0, 1448));
        }
        assertThat(queue.poll()).isNull();
    }

    @Test
    void aSmallPayloadDoesNotHoldItsFrame() {
        arrive(64 << 10, QueueBuffers.numbered(0, 60));
        assertThat(queue.charged()).isEqualTo(512);
        assertThat(buffers.pool().liveBytes()).isEqualTo(512);
        assertThat(polled()).isEqualTo(QueueBuffers.numbered(0, 60));
    }

    @Test
    void lessThanAQuarterIsCopiedAndAQuarterIsHeld() {
        arrive(8192, QueueBuffers.numbered(0, 2047));
        assertThat(queue.charged()).isEqualTo(2048);
        polled();
        arrive(8192, QueueBuffers.numbered(0, 2048));
        assertThat(queue.charged()).isEqualTo(8192);
    }

    @Test
    void smallPayloadsThatWaitAreJoined() {
        for (int i = 0; i < 1000; i++) {
            arrive(FRAME, QueueBuffers.numbered(60 * i, 60));
        }
        assertThat(queue.charged()).isLessThan(60_000 * 5 / 4 + 512);
        int place = 0;
        int polls = 0;
        for (Buffer buffer = queue.poll(); buffer != null; buffer = queue.poll()) {
            int length = buffer.length();
            assertThat(QueueBuffers.drain(buffer)).isEqualTo(QueueBuffers.numbered(place, length));
            place += length;
            polls++;
        }
        assertThat(place).isEqualTo(60_000);
        // 512, 1024 … 16384, and then the same again.
        assertThat(polls).isLessThanOrEqualTo(9);
    }

    @Test
    void aChunkThatWasTakenIsNotWrittenTo() {
        arrive(FRAME, QueueBuffers.numbered(0, 10));
        try (Buffer taken = queue.poll()) {
            arrive(FRAME, QueueBuffers.numbered(10, 10));
            assertThat(taken.toByteArray()).isEqualTo(QueueBuffers.numbered(0, 10));
            assertThat(polled()).isEqualTo(QueueBuffers.numbered(10, 10));
        }
    }

    @Test
    void aWholeBufferChangesHands() {
        Buffer large = buffers.of(QueueBuffers.numbered(0, 3000));
        queue.append(large);
        assertThat(queue.poll()).isSameAs(large);
        large.close();
        queue.append(buffers.frame(4096, 0, QueueBuffers.numbered(0, 4096)));
        queue.append(buffers.of(QueueBuffers.numbered(0, 5))); // 5 of 512: copied and closed
        assertThat(queue.length()).isEqualTo(4101);
    }

    @Test
    void nothingIsNotQueued() {
        queue.append(Buffer.EMPTY);
        queue.append(buffers.pool().allocate(0));
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.poll()).isNull();
    }

    @Test
    void aLengthBeyondTheFrameIsRefused() {
        try (Buffer frame = buffers.pool().allocate(100)) {
            assertThatThrownBy(() -> queue.append(frame, 90, 11))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> queue.append(frame, -1, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void givesTheStreamAsItCameWhateverTheSizes() {
        SplittableRandom random = new SplittableRandom(Seeds.next("ReceiveQueueTest"));
        ArrayDeque<Byte> model = new ArrayDeque<>();
        for (int step = 0; step < 5000; step++) {
            if (random.nextInt(10) < 6) {
                int capacity = 256 << random.nextInt(8);
                int largest = random.nextBoolean() ? 100 : capacity - HEADERS;
                byte[] payload = QueueBuffers.random(random, random.nextInt(largest + 1));
                if (random.nextInt(4) == 0) {
                    queue.append(buffers.of(payload));
                } else {
                    arrive(capacity, payload);
                }
                for (byte b : payload) {
                    model.add(b);
                }
            } else {
                Buffer buffer = queue.poll();
                assertThat(buffer == null).isEqualTo(model.isEmpty());
                if (buffer != null) {
                    byte[] expected = new byte[buffer.length()];
                    for (int i = 0; i < expected.length; i++) {
                        expected[i] = model.remove();
                    }
                    assertThat(QueueBuffers.drain(buffer)).isEqualTo(expected);
                }
            }
            assertThat(queue.length()).isEqualTo(model.size());
            assertThat((long) queue.charged()).isEqualTo(buffers.pool().liveBytes());
            // Each buffer is a quarter full at least, but for two chunks that grew in vain.
            assertThat(queue.charged()).isLessThanOrEqualTo(4 * queue.length() + (32 << 10));
        }
    }
}
