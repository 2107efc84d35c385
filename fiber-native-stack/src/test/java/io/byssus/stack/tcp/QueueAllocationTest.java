package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Once they are warm, the queues make no object per segment. */
class QueueAllocationTest {
    private static final int ROUNDS_MAX = 10;
    private static final int SEGMENTS = 20_000;
    private static final int FRAME = 2048;
    private static final int FULL = 1448;
    private static final int SMALL = 60;

    private final BufferPool pool = new QueueBuffers(BufferPool.Mode.RECYCLING).pool();
    private final SendQueue sending = new SendQueue(pool);
    private final ReceiveQueue receiving = new ReceiveQueue(pool);
    private final ReassemblyQueue reassembling = new ReassemblyQueue(pool, 1 << 20);

    private int next;

    @Test
    void noneOfThemAllocatesInTheSteadyState() {
        Buffer target = pool.allocate(4 * FRAME);
        double bytesPerSegment = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS_MAX && bytesPerSegment >= 1; round++) {
            long before = allocated();
            for (int i = 0; i < SEGMENTS; i++) {
                send(i % 2 == 0 ? SMALL : FRAME, target);
                receive(i % 2 == 0 ? SMALL : FULL);
                reorder(i % 3 == 0 ? SMALL : FULL);
            }
            bytesPerSegment = (allocated() - before) / (double) SEGMENTS;
        }
        assertThat(bytesPerSegment).isLessThan(1);
        target.close();
        sending.close();
        receiving.close();
        reassembling.close();
        assertThat(pool.liveBytes()).isZero();
        pool.close();
    }

    private void send(int count, Buffer target) {
        sending.append(pool.allocate(count));
        sending.copy(0, sending.length(), target.address());
        RawMemory.copy(sending.sliceAddress(0), target.address(), sending.sliceLength(0));
        sending.acknowledge(count);
    }

    private void receive(int count) {
        Buffer frame = pool.allocate(FRAME);
        receiving.append(frame, 0, count);
        frame.close();
        receiving.poll().close();
    }

    /** The second and the third of three segments arrive before the first. */
    private void reorder(int count) {
        Buffer frame = pool.allocate(FRAME);
        reassembling.insert(next, next + 2 * count, frame, 0, count);
        reassembling.sackBlocks(SackBlocks.BLOCKS_MAX);
        reassembling.insert(next, next + count, frame, 0, count);
        reassembling.sackBlocks(SackBlocks.BLOCKS_MAX);
        frame.close();
        next += count;
        for (Buffer b = reassembling.take(next); b != null; b = reassembling.take(next)) {
            next += b.length();
            b.close();
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
