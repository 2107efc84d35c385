package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How a connection ends in order: half-close, {@code close}, the close timeout. */
abstract class CloseContract extends NetworkContract {
    CloseContract(StackUnderTest stack) {
        super(stack);
    }

    @Test
    void eachDirectionEndsByItself() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                assertHalfClose(pair.client(), pair.server());
            }
            try (Pair pair = openPair()) {
                assertHalfClose(pair.server(), pair.client());
            }
        });
    }

    private static void assertHalfClose(Connection first, Connection second) throws IOException {
        Talk.say(first, "I have said all");
        first.output().close();
        Talk.assertHears(second, "I have said all");
        Talk.assertHearsTheEnd(second);
        Talk.say(second, "and I ");
        Talk.say(second, "still talk");
        second.output().close();
        Talk.assertHears(first, "and I still talk");
        Talk.assertHearsTheEnd(first);
    }

    @Test
    void tcpInfoTellsWhatTheConnectionIsLike() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            Talk.assertConversation(pair.client(), pair.server());
            if (!has(Capability.TCP_INFO)) {
                assertLacks(pair.client()::tcpInfo);
                pair.close();
                assertThatThrownBy(pair.client()::tcpInfo)
                        .isInstanceOf(ClosedChannelException.class);
                return;
            }
            TcpInfo info = pair.client().tcpInfo();
            assertThat(info.state()).isEqualTo("ESTABLISHED");
            assertThat(info.segmentBytes()).isBetween(500, 1 << 16);
            assertThat(info.congestionWindowBytes()).isGreaterThanOrEqualTo(info.segmentBytes());
            assertThat(info.slowStartThresholdBytes()).isEqualTo(Long.MAX_VALUE);
            assertThat(info.retransmissionTimeout()).isPositive();
            assertThat(info.roundTrip()).isBetween(Duration.ZERO, Duration.ofSeconds(1));
            assertThat(info.retransmittedSegments()).isZero();

            pair.server().close();
            Talk.assertHearsTheEnd(pair.client());
            assertThat(pair.client().tcpInfo().state()).isEqualTo("CLOSE_WAIT");
            pair.client().close();
            assertThatThrownBy(pair.client()::tcpInfo).isInstanceOf(ClosedChannelException.class);
        });
    }

    @Test
    void closeIsIdempotentAndTheRestSaysThatItIsClosed() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            pair.close();
            pair.close();
            pair.server().reset();
            assertThatThrownBy(() -> Talk.say(pair.server(), "x"))
                    .isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(pair.server()::localAddress)
                    .isInstanceOf(ClosedChannelException.class);
            assertThat(pair.server().toString()).contains(stack().hostAbroad(stack().host()) + ":");
        });
    }

    @Test
    void closingAConnectionFlushesIt() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.server().output().write("last words");
                pair.server().close();
                Talk.assertHears(pair.client(), "last words");
                Talk.assertHearsTheEnd(pair.client());
            }
        });
    }

    /**
     * A kernel resets a connection that is closed with unread input, and drops what it had to send.
     */
    @Test
    void closingAConnectionWithUnreadInputLosesNoOutput() throws Exception {
        byte[] answer = Talk.pattern(200_000);
        onShard(() -> {
            ListenOptions roomy = ListenOptions.defaults().withSendBufferBytes(1 << 20);
            try (Pair pair = openPair(roomy, Pair.tightConnect())) {
                Talk.say(pair.client(), "a request that nobody reads");
                pair.server().output().write(answer);
                pair.server().close();
                Talk.assertSame(Talk.hearAll(pair.client()), answer);
            }
        });
    }

    @Test
    void closingAConnectionThatWasNeverUsedEndsItInOrder() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Talk.say(pair.client(), "a request that nobody reads");
                pair.server().close();
                Talk.assertHearsTheEnd(pair.client());
            }
        });
    }

    @Test
    void closingAConnectionWakesTheFibersThatUseIt() throws Exception {
        onShard(() -> {
            Pair pair = openTightPair();
            Fiber<Throwable> reading =
                    Fiber.start(
                            "reading", () -> catchThrowable(() -> pair.server().input().read()));
            Fiber<Throwable> writing =
                    Fiber.start(
                            "writing",
                            () ->
                                    catchThrowable(
                                            () -> pair.server().output().write(new byte[1 << 20])));
            Eventually.parked(reading.thread());
            Eventually.parked(writing.thread());
            pair.server().reset();
            assertThat(reading.join()).isInstanceOf(ClosedChannelException.class);
            assertThat(writing.join()).isInstanceOf(ClosedChannelException.class);
            pair.client().reset();
        });
    }

    @Test
    void closeWaitsForThePeerNoLongerThanTheCloseTimeoutAndThenResets() throws Exception {
        Duration limit = Duration.ofMillis(100);
        onShard(() -> {
            Pair pair = openPair(Pair.tightListen(), Pair.tightConnect().withCloseTimeout(limit));
            fillUp(pair.client());
            pair.client().output().write("does not fit");

            long start = System.nanoTime();
            assertThatThrownBy(pair.client()::close).isInstanceOf(SocketTimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(limit, Duration.ofSeconds(3));

            assertThatThrownBy(() -> Talk.hearAll(pair.server()))
                    .as("the peer must not think that it has everything")
                    .isInstanceOf(ConnectionResetException.class);
            pair.reset();
        });
    }

    @Test
    void closeInACancelledFiberStillDeliversEverything() throws Exception {
        byte[] sent = Talk.pattern(7000);
        onShard(() -> {
            Pair pair = openTightPair();
            int filled = fillUp(pair.client());
            Fiber<Boolean> closing =
                    Fiber.start(
                            "closing",
                            () -> {
                                pair.client().output().write(sent);
                                Thread.currentThread().interrupt();
                                pair.client().close();
                                return Thread.currentThread().isInterrupted();
                            });
            Eventually.parked(closing.thread());
            closing.cancel();
            assertThat(pair.server().input().skip(filled)).isEqualTo(filled);
            Talk.assertSame(Talk.hearAll(pair.server()), sent);
            assertThat(closing.join()).as("still cancelled").isTrue();
            pair.close();
        });
    }

    /** Only the wait of the close itself is shielded. */
    @Test
    void aReadAfterTheOutputWasClosedCanBeCancelled() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.client().output().close();
                Fiber<Throwable> reading =
                        Fiber.start(
                                "reading",
                                () -> catchThrowable(() -> pair.client().input().read()));
                Eventually.parked(reading.thread());
                reading.cancel();
                Eventually.until("the read has ended", reading::isDone);
                assertThat(reading.join()).isInstanceOf(FiberCancelledException.class);
            }
        });
    }

    /** The idiom of every handler: what is open when the fiber is cancelled is closed, in order. */
    @Test
    void aCancelledHandlerEndsItsConnectionInOrder() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            Fiber<Void> handler =
                    Fiber.start(
                            "handler",
                            () -> {
                                try (var connection = pair.server();
                                        var in = connection.input();
                                        var out = connection.output()) {
                                    out.write("goodbye");
                                    in.readExactly(10).close();
                                }
                            });
            Eventually.parked(handler.thread());
            handler.cancel();
            assertThatThrownBy(handler::join).isInstanceOf(FiberCancelledException.class);
            Talk.assertHears(pair.client(), "goodbye");
            Talk.assertHearsTheEnd(pair.client());
            pair.client().close();
        });
    }
}
