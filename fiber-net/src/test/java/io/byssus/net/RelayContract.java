package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.shard.Shard;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@code transferTo}, gathering writes and corked sections. */
abstract class RelayContract extends NetworkContract {
    private static final int BYTES = 400_000;

    RelayContract(StackUnderTest stack) {
        super(stack);
    }

    @Test
    void whatArrivesGoesToTheOtherConnection() throws Exception {
        onShard(() -> {
            try (Pair front = openPair();
                    Pair back = openPair()) {
                Fiber<Long> relaying =
                        Fiber.start(
                                "relaying",
                                () -> front.server().input().transferTo(back.client().output()));
                Talk.say(front.client(), "question");
                Talk.assertHears(back.server(), "question");
                Talk.say(front.client(), "another");
                Talk.assertHears(back.server(), "another");
                front.client().output().close();
                assertThat(relaying.join()).isEqualTo(15);
                assertThat(front.server().input().transferTo(back.client().output())).isZero();
                back.client().output().write("the output is open");
                back.client().output().close();
                Talk.assertHears(back.server(), "the output is open");
            }
        });
    }

    @Test
    void aBoundedTransferLeavesTheRest() throws Exception {
        onShard(() -> {
            try (Pair front = openPair();
                    Pair back = openPair()) {
                ConnectionInput input = front.server().input();
                ConnectionOutput output = back.client().output();
                Talk.say(front.client(), "abcdef");
                assertThat(input.transferTo(output, 0)).isZero();
                assertThat(input.transferTo(output, 4)).isEqualTo(4);
                Talk.assertHears(back.server(), "abcd");
                Talk.assertHears(front.server(), "ef");
                Talk.say(front.client(), "gh");
                front.client().output().close();
                assertThat(input.transferTo(output, 4)).as("as many as there were").isEqualTo(2);
                Talk.assertHears(back.server(), "gh");
                assertThatThrownBy(() -> input.transferTo(output, -1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("count=-1");
            }
        });
    }

    /** And the relay holds little meanwhile. */
    @Test
    void aReaderThatDoesNotReadHoldsTheWriterUpThroughARelay() throws Exception {
        onShard(() -> {
            try (Pair front = openTightPair();
                    Pair back = openTightPair()) {
                Fiber<Long> relaying =
                        Fiber.start(
                                "relaying",
                                () -> front.server().input().transferTo(back.client().output()));
                int written = fillUp(front.client());
                assertThat(written).isLessThan(2_000_000);
                assertThat(Shard.current().buffers().liveBytes()).isLessThan(1_500_000);
                Fiber<byte[]> hearing = Fiber.start("hearing", () -> Talk.hearAll(back.server()));
                front.client().output().close();
                assertThat(relaying.join()).isEqualTo(written);
                back.client().output().close();
                assertThat(hearing.join()).hasSize(written);
            }
        });
    }

    /** Broken off again and again, at either side, it loses nothing and doubles nothing. */
    @Test
    void aRelayThatIsBrokenOffGoesOnWithoutAGap() throws Exception {
        Random random = new Random(Seeds.next("RelayContract"));
        byte[] bytes = Talk.pattern(BYTES);
        onShard(() -> {
            try (Pair front = openTightPair();
                    Pair back = openTightPair()) {
                Fiber<Void> writing =
                        Fiber.start(
                                "writing",
                                () -> {
                                    front.client().output().write(bytes);
                                    front.client().output().close();
                                });
                Fiber<Void> relaying =
                        Fiber.start("relaying", () -> relay(front.server(), back.client(), random));
                Talk.assertSame(Talk.hearAll(back.server()), bytes);
                relaying.join();
                writing.join();
            }
        });
    }

    private static void relay(Connection from, Connection to, Random random) throws IOException {
        boolean open = true;
        while (open) {
            Deadline now = Deadline.after(Duration.ZERO);
            from.input().deadline(random.nextBoolean() ? now : Deadline.NONE);
            to.output().deadline(random.nextBoolean() ? now : Deadline.NONE);
            long count = 1L + random.nextInt(30_000);
            try {
                open = from.input().transferTo(to.output(), count) == count;
            } catch (SocketTimeoutException e) {
                Fiber.yield();
            }
        }
        to.output().deadline(Deadline.NONE);
        to.output().close();
    }

    @Test
    void theOutputsFailureEndsTheTransferAndTheInputGoesOn() throws Exception {
        onShard(() -> {
            try (Pair front = openPair();
                    Pair back = openPair()) {
                Talk.say(front.client(), "lost");
                back.client().output().close();
                assertThatThrownBy(() -> front.server().input().transferTo(back.client().output()))
                        .isInstanceOf(ClosedChannelException.class);
                Talk.say(front.client(), "more");
                Talk.assertHears(front.server(), "more");
            }
        });
    }

    @Test
    void buffersAreWrittenTogetherOrNotAtAll() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                byte[] pattern = Talk.pattern(50_000);
                ConnectionOutput output = pair.client().output();
                Fiber<byte[]> hearing = Fiber.start("hearing", () -> Talk.hearAll(pair.server()));
                output.write(new Buffer[0]);
                Buffer[] parts = new Buffer[20];
                for (int i = 0; i < parts.length; i++) {
                    parts[i] = Talk.buffer(Arrays.copyOfRange(pattern, i * 2500, i * 2500 + 2500));
                }
                output.write(parts);
                output.write(Buffer.EMPTY, Talk.buffer(new byte[] {1}));
                output.close();
                byte[] heard = hearing.join();
                Talk.assertSame(Arrays.copyOf(heard, 50_000), pattern);
                assertThat(heard).hasSize(50_001);

                Buffer one = Talk.buffer(new byte[1]);
                Buffer other = Talk.buffer(new byte[1]);
                assertThatThrownBy(() -> output.write(one, other))
                        .isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(one::length).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(other::length).isInstanceOf(IllegalStateException.class);
            }
        });
    }

    @Test
    void inACorkedSectionAFlushWaitsForTheEnd() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionOutput output = pair.client().output();
                ConnectionInput input = pair.server().input();
                output.corked(() -> {
                    output.write("one ");
                    output.flush();
                    output.corked(() -> output.write("two "));
                    output.flush();
                    input.deadline(Deadline.after(Duration.ofMillis(20)));
                    assertThatThrownBy(input::read).isInstanceOf(SocketTimeoutException.class);
                    input.deadline(Deadline.NONE);
                    output.write("three");
                });
                assertThat(Talk.text(input.read())).isEqualTo("one two three");
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    /** It is bounded: what is much leaves at once. */
    @Test
    void aCorkedSectionHoldsNoMoreThanABatch() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionOutput output = pair.client().output();
                output.corked(() -> {
                    output.write(Talk.pattern(8192));
                    try (Buffer all = pair.server().input().readExactly(8192)) {
                        Talk.assertSame(all.toByteArray(), Talk.pattern(8192));
                    }
                });
            }
        });
    }

    @Test
    void aCorkedSectionThatThrowsKeepsWhatItWroteForTheNextFlush() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionOutput output = pair.client().output();
                assertThatThrownBy(() ->
                                output.corked(() -> {
                                    output.write("kept");
                                    throw new IllegalStateException("thrown");
                                }))
                        .hasMessage("thrown");
                output.flush();
                Talk.assertHears(pair.server(), "kept");
                output.corked(() -> {
                    output.write("last".getBytes(StandardCharsets.US_ASCII));
                    output.close();
                });
                Talk.assertHears(pair.server(), "last");
                Talk.assertHearsTheEnd(pair.server());
            }
        });
    }
}
