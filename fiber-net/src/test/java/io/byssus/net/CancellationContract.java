package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.testing.Eventually;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * Cancelling a parked operation: one exception, a clear status, and a connection as good as before.
 */
abstract class CancellationContract extends NetworkContract {
    CancellationContract(StackUnderTest stack) {
        super(stack);
    }

    /** Cancels {@code operation} while it is parked, in a fiber that then looks at its status. */
    private static void assertCancellable(String name, ThrowingCallable operation) {
        Fiber<Boolean> fiber =
                Fiber.start(
                        name,
                        () -> {
                            assertThatThrownBy(operation)
                                    .isInstanceOf(FiberCancelledException.class)
                                    .hasMessageContaining("'" + name + "'");
                            return Thread.currentThread().isInterrupted();
                        });
        Eventually.parked(fiber.thread());
        fiber.cancel();
        assertThat(fiber.join()).as("interrupt status").isFalse();
    }

    @Test
    void accept() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                assertCancellable("accepting", listener::accept);
                try (Connection client = connect(listener);
                        Connection server = listener.accept().connection()) {
                    Talk.assertConversation(client, server);
                }
            }
        });
    }

    @Test
    void connect() throws Exception {
        onShard(() -> {
            List<Connection> waiting = new ArrayList<>();
            try (Listener listener =
                    Network.listen(anyPort(), ListenOptions.defaults().withBacklog(1))) {
                Fiber<Void> connecting =
                        Fiber.start("connecting", () -> connectAll(listener, waiting));
                Eventually.until("some wait to be accepted", () -> waiting.size() >= 2);
                Eventually.parked(connecting.thread());
                connecting.cancel();
                assertThatThrownBy(connecting::join).isInstanceOf(FiberCancelledException.class);
            }
            waiting.forEach(Connection::reset);
        });
    }

    /** Connects until the listener's queue is full, and then waits. */
    private void connectAll(Listener listener, List<Connection> connections) throws Exception {
        while (connections.size() < 100) {
            connections.add(connect(listener));
        }
    }

    @Test
    void read() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                assertCancellable("reading", () -> pair.server().input().read());
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @Test
    void readExactlyKeepsWhatHasArrived() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "abc");
                assertCancellable("reading", () -> pair.server().input().readExactly(6));
                Talk.say(pair.client(), "def");
                Talk.assertHears(pair.server(), "abcdef");
            }
        });
    }

    @Test
    void writeGoesOnWhereItStopped() throws Exception {
        byte[] large = Talk.pattern(1 << 20);
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                assertCancellable(
                        "writing", () -> pair.client().output().write(Talk.buffer(large)));
                TimeLimitContract.assertGoesOn(pair, large);
            }
        });
    }

    @Test
    void flushOfSeveralBuffersGoesOnWhereItStopped() throws Exception {
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                ConnectionOutput output = pair.client().output();
                int filled = fillUp(pair.client());
                output.write(Talk.buffer(Talk.pattern(2000)));
                output.write(Talk.pattern(300));
                output.write(Talk.buffer(Talk.pattern(2500)));
                assertCancellable("flushing", output::flush);

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
