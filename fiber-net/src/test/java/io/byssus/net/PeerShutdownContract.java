package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.testing.Eventually;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link Connection#awaitPeerShutdown}, and the options that every stack has. */
abstract class PeerShutdownContract extends NetworkContract {
    private static final Duration NONE = Duration.ZERO;

    PeerShutdownContract(StackUnderTest stack) {
        super(stack);
    }

    private static Fiber<Void> await(Connection connection) {
        Fiber<Void> waiting = Fiber.start("waiting", () -> connection.awaitPeerShutdown());
        Eventually.parked(waiting.thread());
        return waiting;
    }

    @Test
    void thePeersEndIsSeenWithoutReading() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Fiber<Void> waiting = await(pair.server());
                Talk.say(pair.client(), "unread");
                Talk.say(pair.server(), "answer");
                Talk.assertHears(pair.client(), "answer");
                assertThat(waiting.isDone()).isFalse();
                pair.client().output().close();
                waiting.join();
                pair.server().awaitPeerShutdown();
                Talk.assertHears(pair.server(), "unread");
                Talk.assertHearsTheEnd(pair.server());
                Talk.say(pair.server(), "the other direction is open");
                Talk.assertHears(pair.client(), "the other direction is open");
            }
        });
    }

    @Test
    void anEndThatWasThereBeforeIsSeenToo() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.client().output().close();
                pair.server().awaitPeerShutdown();
                Talk.assertHearsTheEnd(pair.server());
                pair.server().awaitPeerShutdown();
            }
        });
    }

    @Test
    void aResetIsAnEndAndReadingTellsIt() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                Fiber<Void> waiting = await(pair.server());
                pair.client().reset();
                waiting.join();
                assertThatThrownBy(() -> pair.server().input().read())
                        .isInstanceOf(ConnectionResetException.class);
                pair.server().awaitPeerShutdown();
            }
        });
    }

    @Test
    void itEndsWithItsDeadlineItsFiberOrTheConnection() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                assertThatThrownBy(() ->
                                pair.server()
                                        .awaitPeerShutdown(Deadline.after(Duration.ofMillis(20))))
                        .isInstanceOf(SocketTimeoutException.class)
                        .hasMessageContaining("peer's shutdown");
                Fiber<Void> cancelled = await(pair.server());
                cancelled.cancel();
                assertThatThrownBy(cancelled::join).isInstanceOf(FiberCancelledException.class);
                Talk.assertConversation(pair.client(), pair.server());

                Fiber<String> closedUnder = Fiber.start("waiting", () -> failure(pair.server()));
                Eventually.parked(closedUnder.thread());
                pair.server().close();
                assertThat(closedUnder.join()).isEqualTo("ConnectionClosedException");
                assertThatThrownBy(() -> pair.server().awaitPeerShutdown())
                        .isInstanceOf(ClosedChannelException.class);
            }
        });
    }

    private static String failure(Connection connection) {
        try {
            connection.awaitPeerShutdown();
            return "none";
        } catch (IOException e) {
            return e.getClass().getSimpleName();
        }
    }

    @Test
    void optionsThatEveryStackHasAreTakenAndDoNoHarm() throws Exception {
        onShard(() -> {
            ListenOptions listen =
                    ListenOptions.defaults().withDscp(46).withUserTimeout(Duration.ofSeconds(9));
            ConnectOptions connect =
                    ConnectOptions.defaults().withDscp(10).withUserTimeout(Duration.ofMinutes(1));
            if (!has(Capability.USER_TIMEOUT)) {
                assertLacks(() -> Network.listen(anyPort(), listen));
                try (Listener listener = Network.listen(anyPort(), listen.withUserTimeout(NONE))) {
                    assertLacks(() -> connect(listener, connect));
                }
                try (Pair pair =
                        openPair(listen.withUserTimeout(NONE), connect.withUserTimeout(NONE))) {
                    Talk.assertConversation(pair.client(), pair.server());
                }
                return;
            }
            try (Pair pair = openPair(listen, connect)) {
                Talk.assertConversation(pair.client(), pair.server());
                TcpInfo info = pair.client().tcpInfo();
                assertThat(info.minimumRoundTrip()).isLessThanOrEqualTo(info.roundTrip());
                assertThat(info.unsentBytes()).isZero();
                assertThat(info.peerWindowBytes()).isPositive();
            }
        });
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> ListenOptions.defaults().withDscp(64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dscp=64");
        assertThatThrownBy(() -> ConnectOptions.defaults().withDscp(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dscp=-1");
        assertThatThrownBy(() -> ListenOptions.defaults().withFastOpen(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fastOpen=-1");
        assertThatThrownBy(() -> ConnectOptions.defaults().withLinger(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("linger=PT-1S");
        assertThatThrownBy(() -> ListenOptions.defaults().withUserTimeout(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("userTimeout=PT-");
    }
}
