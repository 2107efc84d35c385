package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Several fibers and one connection; several connections and one shard. */
abstract class SharedUseContract extends NetworkContract {
    SharedUseContract(StackUnderTest stack) {
        super(stack);
    }

    @Test
    void aSecondAcceptorIsRefusedAndTheFirstGoesOn() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                Fiber<Accepted> first = Fiber.start("first", () -> listener.accept());
                Eventually.parked(first.thread());
                assertThatThrownBy(listener::accept)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("two fibers", "accept", "'first'");
                try (Connection client = connect(listener);
                        Connection server = first.join().connection()) {
                    Talk.assertConversation(client, server);
                }
            }
        });
    }

    @Test
    void aSecondReaderIsRefusedAndTheFirstGoesOn() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Fiber<String> first =
                        Fiber.start("first", () -> Talk.text(pair.server().input().read()));
                Eventually.parked(first.thread());
                assertThatThrownBy(() -> pair.server().input().read())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("two fibers", "read", "'first'");
                Talk.say(pair.client(), "for the first");
                assertThat(first.join()).isEqualTo("for the first");
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @Test
    void whoeverLooksSeesWhoseBytesAFiberWaitsFor() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                Fiber<Accepted> acceptor = Fiber.start("acceptor", () -> listener.accept());
                Eventually.parked(acceptor.thread());
                assertThat(Fiber.blockerOf(acceptor.thread()))
                        .hasToString("accept (" + Addresses.format(listener.localAddress()) + ")");
                acceptor.cancel();
                assertThatThrownBy(acceptor::join).isInstanceOf(FiberCancelledException.class);
            }
            try (Pair pair = openPair()) {
                Fiber<Buffer> reader = Fiber.start("reader", () -> pair.server().input().read());
                Eventually.parked(reader.thread());
                String peer = Addresses.format(pair.server().remoteAddress());
                assertThat(Fiber.blockerOf(reader.thread())).hasToString("read (" + peer + ")");
                Talk.say(pair.client(), "the end");
                reader.join().close();
            }
        });
    }

    @Test
    void aSecondWriterIsRefusedAndTheFirstGoesOn() throws Exception {
        byte[] large = Talk.pattern(1 << 20);
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                Fiber<Void> first = Fiber.start("first", () -> writeInPieces(pair.client(), large));
                Eventually.parked(first.thread());
                assertThatThrownBy(
                                () -> pair.client().output().write(Talk.buffer(new byte[10_000])))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("two fibers", "write");
                try (Buffer all = pair.server().input().readExactly(large.length)) {
                    Talk.assertSame(all.toByteArray(), large);
                }
                first.join();
            }
        });
    }

    /** So that several buffers are gathered. */
    private static void writeInPieces(Connection to, byte[] bytes) throws IOException {
        int[] sizes = {2000, 2000, 5000};
        int from = 0;
        for (int i = 0; from < bytes.length; i++) {
            int count = Math.min(sizes[i % sizes.length], bytes.length - from);
            byte[] piece = Arrays.copyOfRange(bytes, from, from + count);
            to.output().write(Talk.buffer(piece));
            from += count;
        }
        to.output().flush();
    }

    @Test
    void oneFiberReadsWhileAnotherWrites() throws Exception {
        byte[] large = Talk.pattern(1 << 20);
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                Fiber<byte[]> there = Fiber.start("there", () -> Talk.hearAll(pair.server()));
                Fiber<byte[]> back = Fiber.start("back", () -> Talk.hearAll(pair.client()));
                Fiber<Void> answering =
                        Fiber.start("answering", () -> writeAll(pair.server(), large));
                writeAll(pair.client(), large);
                answering.join();
                Talk.assertSame(there.join(), large);
                Talk.assertSame(back.join(), large);
            }
        });
    }

    private static void writeAll(Connection to, byte[] bytes) throws IOException {
        to.output().write(Talk.buffer(bytes));
        to.output().close();
    }

    /** A call that finds what it wants at once lets others run, past the quota. */
    @Test
    void aFiberThatNeverHasToWaitLetsOthersRun() throws Exception {
        byte[] large = Talk.pattern(100_000);
        onShard(() -> {
            try (Pair pair = openPair()) {
                Fiber.start("writing", () -> writeAll(pair.client(), large));
                LongWaits waits = new LongWaits(Shard.current());
                Fiber<Void> neighbour = Fiber.start("neighbour", waits::count);
                Eventually.until("the neighbour runs", () -> waits.turns > 0);
                long start = waits.nanoTime();
                InputStream in = pair.server().input().asInputStream();
                int count = 0;
                while (in.read() >= 0) {
                    count++;
                }
                long elapsed = waits.nanoTime() - start;
                neighbour.cancel();
                neighbour.join();
                assertThat(count).isEqualTo(large.length);
                assertThat(waits.nanos)
                        .as("of %s ns, spent in waits of more than 8 quotas", elapsed)
                        .isLessThan(elapsed / 2);
            }
        });
    }

    /**
     * What a fiber that is always ready has to wait for its next turn, in processor time of its
     * carrier: on a shared machine a carrier without a processor is no sign of anything.
     */
    private static final class LongWaits {
        private static final long LONG_NANOS = 8 * 500_000;
        private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

        private final long carrier;
        int turns;
        long nanos;

        LongWaits(Shard shard) {
            carrier = shard.carrierId();
        }

        long nanoTime() {
            return THREADS.getThreadCpuTime(carrier);
        }

        void count() {
            long last = nanoTime();
            while (!Thread.interrupted()) {
                Thread.yield();
                turns++;
                long now = nanoTime();
                nanos += now - last > LONG_NANOS ? now - last : 0;
                last = now;
            }
        }
    }
}
