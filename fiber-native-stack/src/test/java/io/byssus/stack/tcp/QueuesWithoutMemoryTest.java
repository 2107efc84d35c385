package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferLimits;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the queues do when the shard has no memory to copy to. */
class QueuesWithoutMemoryTest {
    private static final long WAIT_NANOS = 1;
    private static final int FRAME = 16_384;
    private static final int RECEIVE_BYTES_MAX = 1 << 20;

    private final QueueBuffers buffers = new QueueBuffers(BufferLimits.of(1 << 20, WAIT_NANOS));

    @AfterEach
    void nothingLeaks() {
        buffers.assertNoneLeaked();
    }

    @Test
    void smallWriteIsHeldWhereItCannotBeCopied() {
        SendQueue queue = new SendQueue(buffers.pool());
        queue.append(buffers.of(QueueBuffers.numbered(0, 4000))); // held, being large
        Buffer half = buffers.of(QueueBuffers.numbered(4000, 1000));
        Buffer rest = buffers.of(QueueBuffers.numbered(5000, 1000));
        List<Buffer> all = buffers.takeAll();
        queue.append(half);
        queue.append(rest);
        assertThat(queue.length()).isEqualTo(6000);
        all.forEach(Buffer::close);
        try (Buffer target = buffers.pool().allocate(6000)) {
            queue.copy(0, 6000, target.address());
            assertThat(target.toByteArray()).isEqualTo(QueueBuffers.numbered(0, 6000));
        }
        queue.acknowledge(6000);
        assertThat(queue.charged()).isZero();
        queue.close();
    }

    @Test
    void writeIsCopiedAsFarAsTheChunkGoesAndTheRestIsHeld() {
        SendQueue queue = new SendQueue(buffers.pool());
        queue.append(buffers.of(QueueBuffers.numbered(0, 1800)));
        queue.append(buffers.of(QueueBuffers.numbered(1800, 1800)));
        Buffer last = buffers.of(QueueBuffers.numbered(3600, 1800));
        List<Buffer> all = buffers.takeAll();
        queue.append(last); // 496 bytes of the chunk are left
        all.forEach(Buffer::close);
        queue.append(buffers.of(QueueBuffers.numbered(5400, 10)));
        try (Buffer target = buffers.pool().allocate(5410)) {
            queue.copy(0, 5410, target.address());
            assertThat(target.toByteArray()).isEqualTo(QueueBuffers.numbered(0, 5410));
        }
        queue.close();
    }

    @Test
    void sparsePayloadIsHeldWithItsFrameWhereItCannotBeCopied() {
        ReceiveQueue queue = new ReceiveQueue(buffers.pool());
        Buffer first = buffers.frame(FRAME, 54, QueueBuffers.numbered(0, 100));
        Buffer second = buffers.frame(FRAME, 0, QueueBuffers.numbered(100, 100));
        second.trim(100);
        List<Buffer> all = buffers.takeAll();
        queue.append(first, 54, 100);
        first.close();
        queue.append(second);
        assertThat(queue.length()).isEqualTo(200);
        assertThat(queue.charged()).isEqualTo(2 * FRAME);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        for (Buffer buffer = queue.poll(); buffer != null; buffer = queue.poll()) {
            read.writeBytes(QueueBuffers.drain(buffer));
        }
        assertThat(read.toByteArray()).isEqualTo(QueueBuffers.numbered(0, 200));
        all.forEach(Buffer::close);
        queue.close();
    }

    @Test
    void sparsePayloadOutOfOrderIsDroppedWhereItCannotBeCopied() {
        ReassemblyQueue queue = new ReassemblyQueue(buffers.pool(), RECEIVE_BYTES_MAX);
        Buffer frame = buffers.frame(FRAME, 0, QueueBuffers.numbered(0, 100));
        List<Buffer> all = buffers.takeAll();
        queue.insert(0, 1000, frame, 0, 100);
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.droppedBytes()).isEqualTo(100);
        all.forEach(Buffer::close);
        queue.insert(0, 1000, frame, 0, 100);
        assertThat(queue.isEmpty()).isFalse();
        frame.close();
        queue.close();
    }
}
