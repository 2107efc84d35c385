package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.net.ConnectionClosedException;
import io.byssus.net.DatagramOptions;
import io.byssus.net.RecyclingBuffers;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.os.UnixSocketAddress;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.Eventually;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a datagram socket does when the kernel takes no more. UDP over the loopback device never
 * gets there, so these are Unix datagrams, of which a few fill the receiver's queue.
 */
@Timeout(60)
class DatagramBackPressureTest {
    /** The backend under test. */
    String backend() {
        return "epoll";
    }

    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long SHORT_NANOS = Duration.ofMillis(50).toNanos();
    private static final int COUNT = 500;
    private static final int BATCH = 8;
    private static final InetSocketAddress PEER = InetSocketAddress.createUnresolved("the-peer", 1);

    private static int nextName;

    private PosixStack stack;
    private int receiver;
    private PosixDatagrams sender;

    /** Datagrams that were queued, sent or not. */
    private int accepted;

    private void run(FiberTask body) throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .reactorBackend(backend())
                        .smp(1)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ZERO);
        try (RecyclingBuffers mode = new RecyclingBuffers();
                Shards shards = Shards.start(options)) {
            shards.submitTo(
                    0,
                    () -> {
                        open();
                        try {
                            body.run();
                        } finally {
                            sender.close();
                            Descriptors.close(stack.callState(), receiver);
                            stack.close();
                        }
                        assertThat(Shard.current().buffers().liveBlocks()).isZero();
                        return mode;
                    });
        }
    }

    private void open() throws Exception {
        stack =
                new PosixStack(
                        Shard.current(), (ReadinessBackend) Shard.current().reactor().backend());
        CallState state = stack.callState();
        receiver = Sockets.datagram(state, UnixSocketAddress.AF_UNIX);
        int fd = Sockets.datagram(state, UnixSocketAddress.AF_UNIX);
        String name = "byssus-full-" + ProcessHandle.current().pid() + "-" + nextName++;
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        try (Buffer scratch = Shard.current().allocate(UnixSocketAddress.BYTES)) {
            int length = UnixSocketAddress.writeAbstract(bytes, scratch.address());
            assertThat(Sockets.bind(state, receiver, scratch.address(), length)).isZero();
            assertThat(Sockets.connect(state, fd, scratch.address(), length)).isZero();
        }
        sender =
                new PosixDatagrams(
                        stack,
                        fd,
                        PEER,
                        PEER,
                        DatagramOptions.defaults().withBatch(BATCH),
                        new DatagramFeatures(UnixSocketAddress.AF_UNIX, Set.of()),
                        DatagramName.NOBODYS);
    }

    private void send(int first, int count, long timeoutNanos) throws Exception {
        for (int i = first; i < first + count; i++) {
            Buffer payload = Shard.current().allocate(2);
            payload.put(0, new byte[] {(byte) (i >> 8), (byte) i}, 0, 2);
            sender.send(payload, null, null, timeoutNanos, Long.MAX_VALUE);
            accepted++;
        }
    }

    /** The next datagram's number; waits until there is one. */
    private int receive() {
        try (Buffer buffer = Shard.current().allocate(16)) {
            while (Sockets.receive(stack.callState(), receiver, buffer.address(), 16) != 2) {
                Fiber.sleep(Duration.ofMillis(1));
            }
            return (buffer.get(0) & 0xff) << 8 | (buffer.get(1) & 0xff);
        }
    }

    private void assertReceives(int first, int count) {
        for (int i = first; i < first + count; i++) {
            assertThat(receive()).isEqualTo(i);
        }
    }

    @Test
    void aSenderWaitsAndNothingIsLostOrDoubled() throws Exception {
        run(() -> {
            Fiber<Void> sending = Fiber.start("sending", () -> send(0, COUNT, MINUTE_NANOS));
            Eventually.parked(sending.thread());
            assertReceives(0, COUNT);
            sending.join();
            sender.flush(MINUTE_NANOS, Long.MAX_VALUE);
            assertThat(sender.counters().sent()).isEqualTo(COUNT);
        });
    }

    @Test
    void flushWaitsUntilAllIsWithTheKernel() throws Exception {
        run(() -> {
            Fiber<Void> sending =
                    Fiber.start(
                            "sending",
                            () -> {
                                send(0, COUNT, MINUTE_NANOS);
                                sender.flush(MINUTE_NANOS, Long.MAX_VALUE);
                                assertThat(sender.counters().sent()).isEqualTo(COUNT);
                            });
            assertReceives(0, COUNT);
            sending.join();
        });
    }

    @Test
    void whatIsQueuedGoesOutWithoutItsSender() throws Exception {
        run(() -> {
            Throwable late = catchThrowable(() -> send(0, COUNT, SHORT_NANOS));
            assertThat(late)
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining("the-peer");
            int queued = accepted;
            assertThat(sender.counters().sent()).isBetween(1L, queued - 1L);
            assertReceives(0, queued);
            assertThat(sender.counters().sent()).isEqualTo(queued);
            send(queued, 1, MINUTE_NANOS);
            assertReceives(queued, 1);
        });
    }

    @Test
    void aSenderCanBeCancelled() throws Exception {
        run(() -> {
            Fiber<Void> sending = Fiber.start("sending", () -> send(0, COUNT, 0));
            Eventually.parked(sending.thread());
            sending.cancel();
            assertThatThrownBy(sending::join).isInstanceOf(FiberCancelledException.class);
            assertReceives(0, BATCH);
        });
    }

    @Test
    void manySendersWaitTogether() throws Exception {
        run(() -> {
            List<Fiber<Void>> fibers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int first = i * 25;
                fibers.add(Fiber.start("sending", () -> send(first, 25, MINUTE_NANOS)));
            }
            List<Integer> numbers = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                numbers.add(receive());
            }
            assertThat(numbers).doesNotHaveDuplicates().hasSize(COUNT);
            for (Fiber<Void> fiber : fibers) {
                fiber.join();
            }
        });
    }

    @Test
    void closeUnderASenderEndsItAndCountsWhatWasNotSent() throws Exception {
        run(() -> {
            Fiber<Void> sending = Fiber.start("sending", () -> send(0, COUNT, 0));
            Eventually.parked(sending.thread());
            int queued = accepted;
            sender.close();
            assertThatThrownBy(sending::join)
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(ConnectionClosedException.class),
                            e ->
                                    assertThat(e)
                                            .hasRootCauseInstanceOf(
                                                    ConnectionClosedException.class));
            assertThat(sender.counters().failed()).isEqualTo(queued - sender.counters().sent());
        });
    }
}
