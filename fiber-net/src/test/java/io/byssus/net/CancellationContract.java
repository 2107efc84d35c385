package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberAction;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Stopping a parked operation, by a cancellation, a deadline or an abort source around it: one
 * exception, a clear status, no timer and no buffer left, and a connection as good as before.
 */
abstract class CancellationContract extends NetworkContract {
    private static final ConnectOptions TRIED =
            ConnectOptions.defaults().withTimeout(Duration.ofMillis(200));

    CancellationContract(StackUnderTest stack) {
        super(stack);
    }

    /** Stops {@code operation} while it is parked, in a fiber that then looks at its status. */
    private void assertStops(Means means, String name, FiberAction<Exception> operation) {
        AbortSource source = new AbortSource("source");
        Fiber<Boolean> fiber =
                Fiber.start(
                        name,
                        () -> {
                            assertThatThrownBy(() -> means.run(source, operation))
                                    .isInstanceOf(means.thrown())
                                    .satisfies(e ->
                                            assertThat(e)
                                                    .hasStackTraceContaining("'" + name + "'"));
                            assertNoTimer();
                            return Thread.currentThread().isInterrupted();
                        });
        means.awaitParked(fiber);
        means.stop(source, fiber);
        assertThat(fiber.join()).as("interrupt status").isFalse();
    }

    /** Where the stack arms none itself. */
    private void assertNoTimer() {
        if (options().networkStack().equals("posix")) {
            assertThat(Shard.current().reactor().armedTimers()).as("armed timers").isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void accept(Means means) throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                assertStops(means, "accepting", listener::accept);
                try (Connection client = connect(listener);
                        Connection server = listener.accept().connection()) {
                    Talk.assertConversation(client, server);
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void connect(Means means) throws Exception {
        onShard(() -> {
            List<Connection> waiting = new ArrayList<>();
            try (Listener listener =
                    Network.listen(anyPort(), ListenOptions.defaults().withBacklog(1))) {
                assertThatThrownBy(() -> connectAll(listener, waiting, TRIED))
                        .isInstanceOf(SocketTimeoutException.class);
                assertStops(
                        means,
                        "connecting",
                        () -> connectAll(listener, waiting, ConnectOptions.defaults()));
            }
            waiting.forEach(Connection::reset);
        });
    }

    /** Connects until the listener's queue is full, and then waits. */
    private void connectAll(Listener listener, List<Connection> connections, ConnectOptions options)
            throws IOException {
        while (connections.size() < 100) {
            connections.add(connect(listener, options));
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void read(Means means) throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                assertStops(means, "reading", () -> pair.server().input().read());
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void readExactlyKeepsWhatHasArrived(Means means) throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "abc");
                assertStops(means, "reading", () -> pair.server().input().readExactly(6));
                Talk.say(pair.client(), "def");
                Talk.assertHears(pair.server(), "abcdef");
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void skipKeepsWhatFollows(Means means) throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "xabc");
                Talk.assertHears(pair.server(), "x"); // so the rest is there to be skipped
                assertStops(means, "skipping", () -> pair.server().input().skip(4));
                Talk.say(pair.client(), "def");
                Talk.assertHears(pair.server(), "def");
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void writeGoesOnWhereItStopped(Means means) throws Exception {
        byte[] large = Talk.pattern(1 << 20);
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                assertStops(
                        means, "writing", () -> pair.client().output().write(Talk.buffer(large)));
                TimeLimitContract.assertGoesOn(pair, large);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void flushOfSeveralBuffersGoesOnWhereItStopped(Means means) throws Exception {
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                ConnectionOutput output = pair.client().output();
                int filled = fillUp(pair.client());
                output.write(Talk.buffer(Talk.pattern(2000)));
                output.write(Talk.pattern(300));
                output.write(Talk.buffer(Talk.pattern(2500)));
                assertStops(means, "flushing", output::flush);

                Fiber<Void> closing = Fiber.start("closing", output::close);
                assertThat(pair.server().input().skip(filled)).isEqualTo(filled);
                byte[] all = Talk.hearAll(pair.server());
                closing.join();
                assertThat(all.length).isEqualTo(2000 + 300 + 2500);
                Talk.assertSame(Arrays.copyOf(all, 2000), Talk.pattern(2000));
                Talk.assertSame(Arrays.copyOfRange(all, 2300, 4800), Talk.pattern(2500));
            }
        });
    }

    /** Only a wait is cancelled: what can be done at once is done, and the next wait ends. */
    @Test
    void anOperationThatNeedNotWaitIsNotCancelled() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "abcdef");
                Talk.assertHears(pair.server(), "abc");
                Fiber<Boolean> reading =
                        Fiber.start(
                                "reading",
                                () -> {
                                    Thread.currentThread().interrupt();
                                    Talk.assertHears(pair.server(), "def");
                                    Talk.say(pair.server(), "seen");
                                    assertThatThrownBy(() -> pair.server().input().read())
                                            .isInstanceOf(FiberCancelledException.class);
                                    return Thread.currentThread().isInterrupted();
                                });
                assertThat(reading.join()).isFalse();
                Talk.assertHears(pair.client(), "seen");
            }
        });
    }
}
