package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferMemoryException;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What connections do when their shard's buffer memory is used up. */
abstract class MemoryShortageContract extends NetworkContract {
    private static final long BYTES_PER_SHARD = 4 << 20;
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final int SLOW_PEERS = 60;
    private static final int SLOW_BYTES = 100_000;
    private static final int HONEST = 4;
    private static final int QUESTIONS = 200;

    MemoryShortageContract(StackUnderTest stack) {
        super(stack);
    }

    @Override
    RuntimeOptions options() {
        return super.options().bufferMemory(SHARDS * BYTES_PER_SHARD);
    }

    /** Takes all that a fiber may have. */
    private static List<Buffer> takeAll() {
        BufferPool pool = Shard.current().buffers();
        List<Buffer> all = new ArrayList<>();
        for (int length = BufferPool.POOLED_CAPACITY_MAX; length >= 1; length /= 2) {
            Buffer buffer = pool.allocateOrNull(length);
            while (buffer != null) {
                all.add(buffer);
                buffer = pool.allocateOrNull(length);
            }
        }
        assertThat(pool.hasRoom(1)).isFalse();
        return all;
    }

    private static void awaitWaiting(int fibers) {
        while (Shard.current().buffers().waitingFibers() < fibers) {
            Fiber.sleep(Duration.ofMillis(1));
        }
    }

    @Test
    void conversationGoesOnWhenMemoryComesBack() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                List<Buffer> all = takeAll();
                Fiber<Void> talk =
                        Fiber.start(
                                "talk",
                                () -> Talk.assertConversation(pair.client(), pair.server()));
                awaitWaiting(1);
                assertThat(talk.isDone()).isFalse();
                all.forEach(Buffer::close);
                talk.join();
            }
        });
    }

    @Test
    void writeThatGetsNoMemoryIsAsIfItHadNotBeenCalled() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                List<Buffer> all = takeAll();
                pair.client().output().timeout(SHORT);
                assertThatThrownBy(() -> pair.client().output().write("lost"))
                        .isInstanceOf(BufferMemoryException.class);
                all.forEach(Buffer::close);
                pair.client().output().timeout(Duration.ZERO);
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @Test
    void readThatGetsNoMemoryLosesNothing() throws Exception {
        byte[] bytes = Talk.pattern(200_000);
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.client().output().write(bytes, 0, 1000);
                pair.client().output().flush();
                Fiber.sleep(SHORT); // it has arrived, or it arrives while there is no memory
                List<Buffer> all = takeAll();
                pair.server().input().timeout(SHORT);
                assertThatThrownBy(() -> pair.server().input().readExactly(bytes.length))
                        .isInstanceOfAny(BufferMemoryException.class, SocketTimeoutException.class);
                all.forEach(Buffer::close);
                pair.server().input().timeout(Duration.ZERO);
                Fiber<Void> writer =
                        Fiber.start(
                                "writer",
                                () -> {
                                    pair.client().output().write(bytes, 1000, 199_000);
                                    pair.client().output().flush();
                                });
                try (Buffer read = pair.server().input().readExactly(bytes.length)) {
                    Talk.assertSame(read.toByteArray(), bytes);
                }
                writer.join();
            }
        });
    }

    @Test
    void cancelledWaitForMemoryEndsAtOnceAndLeavesTheConnectionUsable() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                List<Buffer> all = takeAll();
                Fiber<Void> gather =
                        Fiber.start("gather", () -> Shard.current().allocate(1).close());
                awaitWaiting(1);
                gather.cancel();
                assertThatThrownBy(gather::join).isInstanceOf(FiberCancelledException.class);
                assertThat(Shard.current().buffers().waitingFibers()).isZero();
                all.forEach(Buffer::close);
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @Test
    void connectionClosedUnderAWriterThatWaitsForMemoryLeavesNothing() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            List<Buffer> all = takeAll();
            Fiber<Void> writer = Fiber.start("writer", () -> Talk.say(pair.client(), "too late"));
            awaitWaiting(1);
            pair.reset();
            all.forEach(Buffer::close);
            assertThatThrownBy(writer::join).hasRootCauseInstanceOf(ClosedChannelException.class);
        });
    }

    @Test
    void whatCannotBeKeptAfterATimeoutEndsTheStream() throws Exception {
        onShard(() -> {
            Pair pair = openTightPair();
            int filled = fillUp(pair.client());
            assertThat(filled).isPositive();
            List<Buffer> all = takeAll();
            ConnectionOutput output = pair.client().output();
            output.timeout(SHORT);
            assertThatThrownBy(() -> output.write(new byte[200_000]))
                    .isInstanceOfAny(SocketTimeoutException.class, BufferMemoryException.class);
            assertThatThrownBy(() -> output.write("more"))
                    .isInstanceOf(ClosedChannelException.class);
            all.forEach(Buffer::close);
            pair.reset();
        });
    }

    /** More slow readers than there is memory for, and others who talk meanwhile. */
    @Test
    void peersThatDoNotReadCostTheirShareAndOthersAreServed() throws Exception {
        onShard(() -> {
            List<Pair> slow = new ArrayList<>();
            List<Fiber<Void>> writers = new ArrayList<>();
            List<Pair> honest = new ArrayList<>();
            for (int i = 0; i < HONEST; i++) {
                honest.add(openPair());
            }
            for (int i = 0; i < SLOW_PEERS; i++) {
                Pair pair = openTightPair();
                slow.add(pair);
                writers.add(Fiber.start("writer", () -> writeUntilItTimesOut(pair.server())));
            }
            List<Fiber<Void>> talks = new ArrayList<>();
            for (Pair pair : honest) {
                talks.add(
                        Fiber.start(
                                "talk",
                                () -> {
                                    for (int i = 0; i < QUESTIONS; i++) {
                                        Talk.assertConversation(pair.client(), pair.server());
                                    }
                                }));
            }
            talks.forEach(Fiber::join);
            writers.forEach(Fiber::join);
            BufferPool pool = Shard.current().buffers();
            assertThat(pool.counters().waits).as("memory was used up").isPositive();
            assertThat(pool.liveBytesMax()).isLessThanOrEqualTo(BYTES_PER_SHARD);
            slow.forEach(Pair::reset);
            for (Pair pair : honest) {
                pair.close();
            }
        });
    }

    private static void writeUntilItTimesOut(Connection connection) throws IOException {
        connection.output().timeout(Duration.ofMillis(300));
        try {
            while (true) {
                connection.output().write(Shard.current().allocate(SLOW_BYTES));
            }
        } catch (SocketTimeoutException e) {
            connection.reset(); // gives the memory back
        }
    }
}
