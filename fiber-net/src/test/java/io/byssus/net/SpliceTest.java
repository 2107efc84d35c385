package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.ReactorCounters;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.OpenDescriptors;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@code transferTo} of so much that the kernel moves it through a pipe. */
@Timeout(60)
class SpliceTest {
    private static final int BYTES = 16 << 20;

    /** So long nobody has taken anything. */
    private static final Duration STUCK = Duration.ofMillis(100);

    /** Two ends of two connections, and in the middle the relay. */
    private record Line(Pair front, Pair back) implements AutoCloseable {
        Connection source() {
            return front.client();
        }

        ConnectionInput input() {
            return front.server().input();
        }

        ConnectionOutput output() {
            return back.client().output();
        }

        Connection sink() {
            return back.server();
        }

        Fiber<Void> write(byte[] bytes) {
            return Fiber.start(
                    "writing",
                    () -> {
                        source().output().write(bytes);
                        source().output().close();
                    });
        }

        /** However much room the kernel has for it, it ends only by a failure. */
        Fiber<Void> writeWithoutEnd() {
            byte[] bytes = Talk.pattern(BYTES);
            return Fiber.start(
                    "writing",
                    () -> {
                        while (true) {
                            source().output().write(bytes);
                        }
                    });
        }

        @Override
        public void close() {
            front.reset();
            back.reset();
        }
    }

    private interface LineTask {
        void run(Line line) throws Exception;
    }

    /** Nothing may be left behind, not even a pipe. */
    private static void onLine(LineTask body) throws Exception {
        long before = OpenDescriptors.pipes();
        RuntimeOptions options = new RuntimeOptions().smp(1).overprovisioned(true);
        try (Shards shards = Shards.start(options)) {
            FiberTask task =
                    () -> {
                        try (Line line = new Line(pair(), pair())) {
                            body.run(line);
                        }
                    };
            shards.submitTo(
                    0,
                    () -> {
                        task.run();
                        return null;
                    });
            Leftovers.awaitNone(shards, 0);
        }
        assertThat(OpenDescriptors.pipes()).isEqualTo(before);
    }

    private static Pair pair() throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress("127.0.0.1", 0);
        try (Listener listener = Network.listen(anyPort, ListenOptions.defaults())) {
            Connection client = Network.connect(listener.localAddress(), ConnectOptions.defaults());
            return new Pair(client, listener.accept().connection());
        }
    }

    @Test
    void muchGoesThroughAPipeToTheLastByte() throws Exception {
        byte[] bytes = Talk.pattern(BYTES);
        long before = OpenDescriptors.pipes();
        onLine(line -> {
            Fiber<Void> writing = line.write(bytes);
            Fiber<byte[]> hearing = Fiber.start("hearing", () -> Talk.hearAll(line.sink()));
            assertThat(line.input().transferTo(line.output())).isEqualTo(BYTES);
            assertThat(OpenDescriptors.pipes()).as("it is kept").isEqualTo(before + 2);
            line.output().write("the output is open");
            line.output().close();
            writing.join();
            byte[] heard = hearing.join();
            assertThat(heard).hasSize(BYTES + 18);
            Talk.assertSame(Arrays.copyOf(heard, BYTES), bytes);
        });
    }

    @Test
    void aBoundedTransferOfMuchLeavesTheRest() throws Exception {
        byte[] bytes = Talk.pattern(BYTES);
        onLine(line -> {
            Fiber<Void> writing = line.write(bytes);
            Fiber<byte[]> hearing = Fiber.start("hearing", () -> Talk.hearAll(line.sink()));
            int most = BYTES - 1001;
            assertThat(line.input().transferTo(line.output(), most)).isEqualTo(most);
            line.output().close();
            Talk.assertSame(hearing.join(), Arrays.copyOf(bytes, most));
            try (Buffer rest = line.input().readExactly(1001)) {
                Talk.assertSame(rest.toByteArray(), Arrays.copyOfRange(bytes, most, BYTES));
            }
            writing.join();
        });
    }

    @Test
    void littleGoesThroughNone() throws Exception {
        long before = OpenDescriptors.pipes();
        onLine(line -> {
            Fiber<Long> relaying =
                    Fiber.start("relaying", () -> line.input().transferTo(line.output()));
            for (int i = 0; i < 100; i++) {
                Talk.say(line.source(), "question");
                Talk.assertHears(line.sink(), "question");
            }
            assertThat(OpenDescriptors.pipes()).isEqualTo(before);
            line.source().output().close();
            assertThat(relaying.join()).isEqualTo(800);
        });
    }

    /** Whatever breaks it off, and wherever the bytes are then. */
    @Test
    void whatABrokenTransferHasTakenInStaysWithTheOutput() throws Exception {
        Random random = new Random(Seeds.next("SpliceTest"));
        byte[] bytes = Talk.pattern(2 * BYTES);
        long before = OpenDescriptors.pipes();
        onLine(line -> {
            Fiber<Void> writing = line.write(bytes);
            Fiber<Void> relaying = Fiber.start("relaying", () -> relayBrokenOff(line, random));
            int heard = 0;
            while (heard < bytes.length) {
                // As long as nobody reads, what is taken in gets stuck.
                line.sink().input().deadline(Deadline.after(STUCK));
                int most = Math.min(1 + random.nextInt(4 << 20), bytes.length - heard);
                try (Buffer some = line.sink().input().readExactly(most)) {
                    byte[] expected = Arrays.copyOfRange(bytes, heard, heard + most);
                    Talk.assertSame(some.toByteArray(), expected);
                    heard += most;
                } catch (SocketTimeoutException e) {
                    Fiber.yield(); // what came is held
                }
                Fiber.sleep(Duration.ofMillis(random.nextInt(60)));
            }
            relaying.join();
            writing.join();
            line.sink().input().deadline(Deadline.NONE);
            Talk.assertHearsTheEnd(line.sink());
            assertThat(OpenDescriptors.pipes()).isGreaterThan(before);
        });
    }

    private static void relayBrokenOff(Line line, Random random) throws Exception {
        boolean open = true;
        while (open) {
            Duration limit = Duration.ofMillis(1 + random.nextInt(40));
            ConnectionInput input = line.input();
            ConnectionOutput output = line.output();
            input.deadline(random.nextBoolean() ? Deadline.after(limit) : Deadline.NONE);
            output.timeout(random.nextBoolean() ? limit : Duration.ZERO);
            long count = random.nextBoolean() ? Long.MAX_VALUE : 1L + random.nextInt(4 << 20);
            try {
                open = Deadline.within(limit, () -> input.transferTo(output, count)) == count;
            } catch (SocketTimeoutException | DeadlineExceededException e) {
                Fiber.yield();
            }
        }
        line.output().timeout(Duration.ZERO);
        line.output().close();
    }

    /** Nobody reads, so some bytes are in the pipe. */
    private static void awaitStuck() {
        ReactorCounters counters = Shard.current().reactor().counters();
        long sent = -1;
        while (sent != counters.bytesSent) {
            sent = counters.bytesSent;
            Fiber.sleep(STUCK);
        }
        assertThat(sent).as("so much that there is a pipe").isGreaterThan(1 << 20);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSinksEndBreaksTheTransferAndTheInputGoesOn(boolean closedHere) throws Exception {
        onLine(line -> {
            Fiber<Void> writing = line.writeWithoutEnd();
            Fiber<Long> relaying =
                    Fiber.start("relaying", () -> line.input().transferTo(line.output()));
            awaitStuck();
            if (closedHere) {
                line.back().client().reset();
            } else {
                line.sink().reset();
            }
            assertThatThrownBy(relaying::join)
                    .cause()
                    .isInstanceOf(
                            closedHere
                                    ? ConnectionClosedException.class
                                    : ConnectionResetException.class);
            assertThatThrownBy(() -> line.output().write("more"))
                    .isInstanceOf(ClosedChannelException.class);
            try (Buffer more = line.input().read()) {
                assertThat(more.isEmpty()).isFalse();
            }
            line.source().reset();
            assertThatThrownBy(writing::join).hasCauseInstanceOf(IOException.class);
        });
    }

    @Test
    void theSourcesResetIsNoEnd() throws Exception {
        onLine(line -> {
            Fiber<Long> hearing =
                    Fiber.start("hearing", () -> line.sink().input().skip(Long.MAX_VALUE));
            Fiber<Void> writing =
                    Fiber.start(
                            "writing",
                            () -> {
                                line.source().output().write(Talk.pattern(BYTES));
                                line.source().reset();
                            });
            assertThatThrownBy(() -> line.input().transferTo(line.output()))
                    .isInstanceOf(ConnectionResetException.class);
            writing.join();
            line.output().close();
            hearing.join();
        });
    }
}
