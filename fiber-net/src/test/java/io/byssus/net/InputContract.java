package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.testing.Eventually;
import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ConnectionInput}. */
abstract class InputContract extends NetworkContract {
    InputContract(StackUnderTest stack) {
        super(stack);
    }

    @Test
    void readAnswersWhatHasArrivedAndThenTheEndAtEveryCall() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "hello");
                pair.client().output().close();

                assertThat(Talk.text(pair.server().input().read())).isEqualTo("hello");
                assertThat(pair.server().input().read()).isSameAs(Buffer.EMPTY);
                assertThat(pair.server().input().read()).isSameAs(Buffer.EMPTY);
                assertThat(pair.server().input().readExactly(3)).isSameAs(Buffer.EMPTY);
                assertThat(pair.server().input().readUpTo(3)).isSameAs(Buffer.EMPTY);
                assertThat(pair.server().input().skip(3)).isZero();
            }
        });
    }

    @Test
    void readExactlyWaitsForAllItsBytesAndLeavesTheRest() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Fiber<String> reading =
                        Fiber.start(
                                "reading", () -> Talk.text(pair.server().input().readExactly(7)));
                for (String part : new String[] {"abc", "de", "fghij"}) {
                    Eventually.parked(reading.thread());
                    Talk.say(pair.client(), part);
                }
                assertThat(reading.join()).isEqualTo("abcdefg");
                assertThat(Talk.text(pair.server().input().read())).isEqualTo("hij");
            }
        });
    }

    @Test
    void readExactlySaysSoWhenTheStreamEndsInTheMiddle() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "abc");
                pair.client().output().close();

                ConnectionInput input = pair.server().input();
                assertThatThrownBy(() -> input.readExactly(4))
                        .isInstanceOf(EOFException.class)
                        .hasMessageContaining("4 bytes");
                assertThat(input.read().isEmpty()).as("what there was is lost").isTrue();
            }
        });
    }

    @Test
    void readUpToAnswersNoMoreThanAskedForAndLosesNothing() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "abcdef");

                ConnectionInput input = pair.server().input();
                assertThat(Talk.text(input.readUpTo(2))).isEqualTo("ab");
                assertThat(Talk.text(input.readUpTo(1))).isEqualTo("c");
                assertThat(Talk.text(input.readUpTo(100))).isEqualTo("def");
            }
        });
    }

    @Test
    void skipDropsBytesThatHaveNotArrivedYetToo() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                Fiber<Long> skipping = Fiber.start("skipping", () -> input.skip(200_003));
                pair.client().output().write(new byte[200_000]);
                Talk.say(pair.client(), "abcde");

                assertThat(skipping.join()).isEqualTo(200_003);
                assertThat(input.skip(0)).isZero();
                assertThat(Talk.text(input.read())).isEqualTo("de");

                Talk.say(pair.client(), "fg");
                pair.client().output().close();
                assertThat(input.skip(100)).as("as many as there were").isEqualTo(2);
            }
        });
    }

    /** Edge-triggered readiness tells of both but once; 16 KiB is the size of a first read. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4096, 16_383, 16_384, 16_385, 32_768, 50_000})
    void theEndIsSeenAlthoughItCameTogetherWithTheLastBytes(int count) throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Fiber<byte[]> reading = Fiber.start("reading", () -> Talk.hearAll(pair.server()));
                Eventually.parked(reading.thread());
                // This fiber does not let its shard look until both are on their way.
                pair.client().output().write(Talk.buffer(Talk.pattern(count)));
                pair.client().output().close();

                Talk.assertSame(reading.join(), Talk.pattern(count));
            }
        });
    }

    @Test
    void closingTheInputDropsWhatWasNotReadButNotTheConnection() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                Talk.say(pair.client(), "abc");
                assertThat(Talk.text(input.readUpTo(1))).isEqualTo("a");
                input.close();
                input.close();

                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @Test
    void countsThatMakeNoSenseAreRefused() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                assertThatThrownBy(() -> input.readExactly(0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("count=0");
                assertThatThrownBy(() -> input.readUpTo(-1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("count=-1");
                assertThatThrownBy(() -> input.skip(-1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("count=-1");
            }
        });
    }

    @Test
    void readingAClosedConnectionSaysSo() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            pair.close();
            assertThatThrownBy(() -> pair.server().input().read())
                    .isInstanceOf(ClosedChannelException.class);
        });
    }

    /** Also where an operation that failed has left it in two pieces. */
    @Test
    void whatWasReceivedAndNotReadIsTheLayers() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                input.timeout(Duration.ofMillis(20));
                Talk.say(pair.client(), "abc");
                assertThatThrownBy(() -> input.readUntil(new byte[] {'\n'}, 6))
                        .isInstanceOf(SocketTimeoutException.class);
                Talk.say(pair.client(), "defgh");
                input.timeout(Duration.ZERO);
                assertThatThrownBy(() -> input.readUntil(new byte[] {'\n'}, 6))
                        .isInstanceOf(MessageTooLongException.class);
                List<String> received = new ArrayList<>();
                Connection above =
                        pair.server()
                                .through((socket, bytes) -> {
                                    received.add(Talk.text(bytes));
                                    return socket;
                                });
                assertThat(received).containsExactly("abcdefgh");
                Talk.assertConversation(pair.client(), above);
            }
        });
    }
}
