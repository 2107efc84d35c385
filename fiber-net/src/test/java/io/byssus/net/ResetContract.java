package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.runtime.fiber.ExpectedFailure;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that gives the connection up in the middle of something. */
abstract class ResetContract extends NetworkContract {
    ResetContract(StackUnderTest stack) {
        super(stack);
    }

    /** Ways to be parked in the output. */
    enum Sending {
        WRITE {
            @Override
            void send(Connection connection) throws IOException {
                connection.output().write(Talk.buffer(new byte[1 << 20]));
            }
        },
        WRITE_BYTES {
            @Override
            void send(Connection connection) throws IOException {
                connection.output().write(new byte[1 << 20]);
            }
        },
        FLUSH_OF_SEVERAL {
            @Override
            void send(Connection connection) throws IOException {
                for (int i = 0; i < 3; i++) {
                    connection.output().write(Talk.buffer(new byte[2000]));
                }
                connection.output().flush();
            }
        },
        CLOSE {
            @Override
            void send(Connection connection) throws IOException {
                connection.output().write("does not fit");
                connection.close();
            }
        };

        abstract void send(Connection connection) throws IOException;
    }

    @Test
    void aListenerSurvivesClientsThatAreGoneBeforeTheyAreAccepted() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                var address = addressOf(listener);
                for (int i = 0; i < 10; i++) {
                    Network.connect(address, ConnectOptions.defaults()).reset();
                }
                try (Connection client = Network.connect(address, ConnectOptions.defaults())) {
                    Connection server = listener.accept().connection();
                    var here = stack().abroad(client.localAddress());
                    while (!server.remoteAddress().equals(here)) {
                        try (Connection gone = server) {
                            assertThatThrownBy(() -> gone.input().read())
                                    .isInstanceOf(ConnectionResetException.class);
                        }
                        server = listener.accept().connection();
                    }
                    try (Connection survivor = server) {
                        Talk.assertConversation(client, survivor);
                    }
                }
            }
        });
    }

    @Test
    void aReaderIsToldWhoResetTheConnection() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            String client = Addresses.format(stack().abroad(pair.client().localAddress()));
            Fiber<Throwable> reading =
                    Fiber.start(
                            "reading", () -> catchThrowable(() -> pair.server().input().read()));
            Eventually.parked(reading.thread());
            pair.client().reset();
            assertThat(reading.join())
                    .isInstanceOf(ConnectionResetException.class)
                    .isInstanceOf(ExpectedFailure.class)
                    .hasMessage("read: Connection reset by peer: " + client);
            pair.reset();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aWriterIsToldAndLosesNoBuffer(Sending operation) throws Exception {
        onShard(() -> {
            Pair pair = openTightPair();
            fillUp(pair.server());
            Fiber<Throwable> sending =
                    Fiber.start(
                            "sending", () -> catchThrowable(() -> operation.send(pair.server())));
            Eventually.parked(sending.thread());
            pair.client().reset();
            assertThat(sending.join()).isInstanceOf(ConnectionResetException.class);

            assertThatThrownBy(() -> Talk.say(pair.server(), "more"))
                    .isInstanceOf(IOException.class);
            pair.server().close();
        });
    }

    /**
     * The kernel reports a reset once, to whoever asks first; the other must not see a clean end.
     */
    @Test
    void theReaderSeesNoCleanEndOnceTheWriterHasSeenTheReset() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            pair.client().reset();
            Throwable failure = null;
            for (int i = 0; i < 1000 && failure == null; i++) {
                failure = catchThrowable(() -> Talk.say(pair.server(), "x"));
            }
            assertThat(failure).isInstanceOf(ConnectionResetException.class);
            assertThatThrownBy(() -> pair.server().input().read())
                    .isInstanceOf(ConnectionResetException.class);
            pair.reset();
        });
    }

    @Test
    void everyReadAfterAResetSaysSo() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            pair.client().reset();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pair.server().input().read())
                        .isInstanceOf(ConnectionResetException.class);
            }
            pair.reset();
        });
    }

    @Test
    void whatArrivedInTheMiddleOfAReadExactlyIsReleased() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            Fiber<Throwable> reading =
                    Fiber.start(
                            "reading",
                            () -> catchThrowable(() -> pair.server().input().readExactly(100)));
            Talk.say(pair.client(), "only this");
            Eventually.parked(reading.thread());
            pair.client().reset();
            assertThat(reading.join()).isInstanceOf(ConnectionResetException.class);
            pair.reset();
        });
    }

    @Test
    void resettingDropsWhatWasNotSentAndClosesTheRest() throws Exception {
        onShard(() -> {
            Pair pair = openPair();
            pair.client().output().write(Talk.buffer(new byte[5000]));
            pair.client().reset();
            pair.client().reset();
            assertThatThrownBy(() -> pair.client().output().write("x"))
                    .isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> pair.server().input().read())
                    .isInstanceOf(ConnectionResetException.class);
            pair.reset();
        });
    }

    /** Some of what the writer hands over is with the kernel already, and some is not. */
    @Test
    void resettingUnderAWriterThatIsHalfThroughReleasesTheRest() throws Exception {
        onShard(() -> {
            for (int bytes = 1100; bytes < 2000; bytes += 100) {
                int length = bytes;
                Pair pair = openTightPair();
                Fiber<Throwable> writing =
                        Fiber.start("writing", () -> writeUntilItFails(pair.client(), length));
                Eventually.parked(writing.thread());
                pair.client().reset();
                assertThat(writing.join()).isInstanceOf(ClosedChannelException.class);
                pair.reset();
            }
        });
    }

    private static Throwable writeUntilItFails(Connection connection, int length) {
        Throwable failure = null;
        while (failure == null) {
            failure =
                    catchThrowable(() -> connection.output().write(Talk.buffer(new byte[length])));
        }
        return failure;
    }

    /** Its task quota makes the writer yield in the middle, with the first part sent. */
    @Test
    void aWriterThatYieldedInTheMiddleKeepsNothingForAConnectionThatWasReset() throws Exception {
        onShard(() -> {
            for (int i = 0; i < 20; i++) {
                Pair pair = openPair();
                Fiber<Void> resetting = Fiber.start("resetting", () -> pair.client().reset());
                Throwable failure = null;
                while (failure == null) {
                    failure = catchThrowable(() -> pair.client().output().write(new byte[8292]));
                }
                assertThat(failure).isInstanceOf(ClosedChannelException.class);
                resetting.join();
                pair.server().reset();
            }
        });
    }
}
