package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.runtime.os.CallState;
import io.byssus.testing.OpenDescriptors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pool alone, without sockets. */
class PipePoolTest {
    private final BufferPool buffers = new BufferPool(new Here(), BufferPool.Mode.RECYCLING);
    private final PipePool pool = new PipePool(new CallState());
    private final long before = OpenDescriptors.pipes();

    /** This thread is the shard. */
    private static final class Here implements Home {
        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }
    }

    @AfterEach
    void closeAll() {
        pool.close();
        assertThat(OpenDescriptors.pipes()).isEqualTo(before);
        buffers.close();
    }

    private List<SplicePipe> takeAll() {
        List<SplicePipe> taken = new ArrayList<>();
        SplicePipe pipe = pool.take(buffers);
        while (pipe != null) {
            taken.add(pipe);
            pipe = pool.take(buffers);
        }
        return taken;
    }

    @Test
    void thereAreNoMoreThanItsBoundAndFewAreKept() {
        List<SplicePipe> taken = takeAll();
        assertThat(taken).hasSize(PipePool.PIPES_MAX).doesNotHaveDuplicates();
        assertThat(taken).allMatch(pipe -> pipe.capacity >= 1 << 16);
        taken.forEach(pool::giveBack);
        assertThat(pool.inUse()).isZero();
        assertThat(OpenDescriptors.pipes()).isEqualTo(before + 2 * 8);
        assertThat(takeAll()).as("again").hasSize(PipePool.PIPES_MAX).allSatisfy(pool::giveBack);
    }

    @Test
    void whatHasBytesInItIsNotUsedAgain() {
        SplicePipe pipe = pool.take(buffers);
        pipe.bytes = 1;
        pool.giveBack(pipe);
        assertThat(OpenDescriptors.pipes()).isEqualTo(before);
        SplicePipe next = pool.take(buffers);
        assertThat(next).isNotSameAs(pipe);
        pool.giveBack(next);
        assertThat(pool.take(buffers)).as("an empty one is").isSameAs(next);
        pool.giveBack(next);
    }
}
