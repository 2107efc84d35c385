package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Deadlines and timeouts: they end a wait, not the connection. */
abstract class TimeLimitContract extends NetworkContract {
    private static final Duration SHORT = Duration.ofMillis(20);

    /** Between two bytes of a peer that trickles. */
    private static final Duration GAP = Duration.ofMillis(20);

    /** Between two small reads of a peer that reads slowly. */
    private static final Duration SIP = Duration.ofMillis(5);

    /** A limit that many sips fit into, though not all of them. */
    private static final Duration SIPS = Duration.ofMillis(300);

    /** What a short wait may take on a machine that has other things to do. */
    private static final Duration LONG = Duration.ofSeconds(3);

    /** What a wait of 0.2 ms takes at most where a timer counts whole milliseconds. */
    private static final Duration ROUNDED_UP = Duration.ofMillis(5);

    TimeLimitContract(StackUnderTest stack) {
        super(stack);
    }

    /** How messages name the other end. */
    private String peer() {
        return stack().hostAbroad(stack().host()) + ":";
    }

    private static void assertTimesOut(ThrowingCallable operation, String message) {
        long start = System.nanoTime();
        assertThatThrownBy(operation)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageStartingWith(message);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, LONG);
    }

    @Test
    void acceptEndsAtItsDeadlineAndTheListenerGoesOn() throws Exception {
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), ListenOptions.defaults())) {
                String address = Addresses.format(listener.localAddress());
                assertTimesOut(
                        () -> listener.accept(Deadline.after(SHORT)),
                        "accept: timed out: " + address);
                try (Connection client = connect(listener);
                        Connection server = listener.accept(Deadline.after(LONG)).connection()) {
                    Talk.assertConversation(client, server);
                }
            }
        });
    }

    /** Nobody accepts, so sooner or later connection requests are no longer answered. */
    @Test
    void connectEndsAtItsTimeout() throws Exception {
        onShard(() -> {
            List<Connection> waiting = new ArrayList<>();
            try (Listener listener =
                    Network.listen(anyPort(), ListenOptions.defaults().withBacklog(1))) {
                String address = Addresses.format(addressOf(listener));
                ConnectOptions options =
                        ConnectOptions.defaults().withTimeout(Duration.ofMillis(200));
                Throwable failure = null;
                for (int i = 0; i < 8 && failure == null; i++) {
                    failure = catchThrowable(() -> waiting.add(connect(listener, options)));
                }
                assertThat(failure)
                        .isInstanceOf(SocketTimeoutException.class)
                        .hasMessage("connect: timed out: " + address);
            }
            waiting.forEach(Connection::reset);
        });
    }

    @Test
    void readEndsAtItsTimeoutOrDeadlineAndTheConnectionGoesOn() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                input.timeout(SHORT);
                assertTimesOut(input::read, "read: timed out: " + peer());
                assertTimesOut(() -> input.skip(1), "read: timed out: " + peer());
                Talk.assertConversation(pair.client(), pair.server());

                input.timeout(Duration.ZERO);
                long start = System.nanoTime();
                input.deadline(Deadline.after(SHORT));
                for (int i = 0; i < 3; i++) {
                    assertThatThrownBy(input::read)
                            .as("a deadline passes once and for all")
                            .isInstanceOf(SocketTimeoutException.class);
                }
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, LONG);
                input.deadline(Deadline.NONE);
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @Test
    void whatIsThereIsReadAlthoughTheDeadlineHasPassed() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                Talk.say(pair.client(), "abcdef");
                assertThat(Talk.text(input.readUpTo(3))).isEqualTo("abc");
                input.deadline(Deadline.after(Duration.ZERO));
                assertThat(Talk.text(input.read())).isEqualTo("def");
            }
        });
    }

    @Test
    void aReadExactlyThatTimesOutLosesNothing() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                input.timeout(SHORT);
                Talk.say(pair.client(), "abc");
                assertTimesOut(() -> input.readExactly(6), "read: timed out: " + peer());
                Talk.say(pair.client(), "def");
                assertThat(Talk.text(input.readExactly(6))).isEqualTo("abcdef");
            }
        });
    }

    /**
     * A slow machine may make a gap longer than the timeout, so that this is tried again. If the
     * timeout counted for the operation, no attempt would succeed.
     */
    @Test
    void aTimeoutCountsPerWaitSoATricklingPeerMayTakeLonger() throws Exception {
        int count = 10;
        onShard(() -> {
            Throwable failure = null;
            for (int attempt = 0; attempt == 0 || (failure != null && attempt < 10); attempt++) {
                try (Pair pair = openPair()) {
                    Fiber<Void> trickling = Fiber.start("trickling", () -> trickle(pair, count));
                    ConnectionInput input = pair.server().input();
                    input.timeout(GAP.multipliedBy(3));
                    long start = System.nanoTime();
                    failure = catchThrowable(() -> input.readExactly(count).close());
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .isGreaterThan(GAP.multipliedBy(3));
                    end(trickling);
                }
            }
            assertThat(failure).isNull();
        });
    }

    @Test
    void aDeadlineIsForTheWholeReadHoweverThePeerTrickles() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                int count = 1000;
                Fiber<Void> trickling = Fiber.start("trickling", () -> trickle(pair, count));
                ConnectionInput input = pair.server().input();
                input.timeout(LONG);
                Duration limit = GAP.multipliedBy(3);
                input.deadline(Deadline.after(limit));
                long start = System.nanoTime();
                assertThatThrownBy(() -> input.readExactly(count))
                        .isInstanceOf(SocketTimeoutException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(limit, LONG);
                input.deadline(Deadline.NONE);
                assertThat(Talk.text(input.read())).as("it is kept").startsWith("x");
                end(trickling);
            }
        });
    }

    private static void end(Fiber<?> fiber) {
        fiber.cancel();
        Throwable end = catchThrowable(fiber::join);
        assertThat(end == null || end instanceof FiberCancelledException).as("%s", end).isTrue();
    }

    /** A byte at a time. */
    private static void trickle(Pair pair, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Fiber.sleep(GAP);
            Talk.say(pair.client(), "x");
        }
    }

    @Test
    void aDeadlineIsForTheWholeWriteHoweverThePeerTrickles() throws Exception {
        onShard(() -> {
            Pair pair = openTightPair();
            Fiber<Void> sipping = Fiber.start("sipping", () -> sip(pair.server()));
            ConnectionOutput output = pair.client().output();
            output.timeout(LONG);
            output.deadline(Deadline.after(SIPS));
            long start = System.nanoTime();
            assertThatThrownBy(() -> output.write(Talk.buffer(new byte[4 << 20])))
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SIPS, LONG);
            end(sipping);
            pair.reset();
        });
    }

    @Test
    void theCloseTimeoutIsForTheWholeCloseHoweverThePeerTrickles() throws Exception {
        onShard(() -> {
            Pair pair = openPair(Pair.tightListen(), Pair.tightConnect().withCloseTimeout(SIPS));
            ConnectionOutput output = pair.client().output();
            output.timeout(SHORT);
            assertThatThrownBy(() -> output.write(Talk.buffer(new byte[4 << 20])))
                    .isInstanceOf(SocketTimeoutException.class);
            Fiber<Throwable> sipping =
                    Fiber.start("sipping", () -> catchThrowable(() -> sip(pair.server())));
            long start = System.nanoTime();
            Throwable lost = catchThrowable(pair.client()::close);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SIPS, LONG);
            assertThat(lost).isInstanceOf(SocketTimeoutException.class);
            assertThat(sipping.join()).isInstanceOf(ConnectionResetException.class);
            pair.reset();
        });
    }

    /** Reads slowly, but never long without reading, to the end. */
    private static void sip(Connection connection) throws IOException {
        int length;
        do {
            Fiber.sleep(SIP);
            try (Buffer buffer = connection.input().readUpTo(4096)) {
                length = buffer.length();
            }
        } while (length > 0);
    }

    @Test
    void theLongestTimeoutDoesNotEnd() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                pair.server().input().timeout(ChronoUnit.FOREVER.getDuration());
                Fiber<Buffer> reading = Fiber.start("reading", () -> pair.server().input().read());
                Fiber.sleep(SHORT);
                assertThat(reading.isDone()).isFalse();
                Talk.say(pair.client(), "at last");
                assertThat(Talk.text(reading.join())).isEqualTo("at last");
            }
        });
    }

    @Test
    void writeEndsAtItsTimeoutAndGoesOnWhereItStopped() throws Exception {
        byte[] large = Talk.pattern(1 << 20);
        onShard(() -> {
            try (Pair pair = openTightPair()) {
                ConnectionOutput output = pair.client().output();
                output.timeout(SHORT);
                assertTimesOut(
                        () -> output.write(Talk.buffer(large)), "write: timed out: " + peer());
                output.timeout(Duration.ZERO);
                output.deadline(Deadline.after(Duration.ZERO));
                assertThatThrownBy(output::flush).isInstanceOf(SocketTimeoutException.class);
                output.deadline(Deadline.NONE);
                assertGoesOn(pair, large);
            }
        });
    }

    /** What the peer gets is all that was written, once and in order. */
    static void assertGoesOn(Pair pair, byte[] large) throws IOException {
        Fiber<byte[]> reading = Fiber.start("reading", () -> Talk.hearAll(pair.server()));
        pair.client().output().write("and more");
        pair.client().output().close();
        byte[] all = reading.join();
        assertThat(all.length).isEqualTo(large.length + "and more".length());
        Talk.assertSame(Arrays.copyOf(all, large.length), large);
        Talk.say(pair.server(), "thanks");
        Talk.assertHears(pair.client(), "thanks");
    }

    @Test
    void aConnectionThatLostOutputToATimeoutDoesNotEndAsIfItWereComplete() throws Exception {
        onShard(() -> {
            Pair pair = openPair(Pair.tightListen(), Pair.tightConnect().withCloseTimeout(SHORT));
            pair.client().output().timeout(SHORT);
            assertThatThrownBy(() -> pair.client().output().write(new byte[1 << 20]))
                    .isInstanceOf(SocketTimeoutException.class);
            Throwable lost = catchThrowable(pair.client()::close);
            assertThat(lost == null || lost instanceof IOException).isTrue();
            assertThatThrownBy(() -> Talk.hearAll(pair.server()))
                    .isInstanceOf(ConnectionResetException.class);
            pair.reset();
        });
    }

    @Test
    void waitsShorterThanAMillisecondAreHonoured() throws Exception {
        onShard(() -> {
            try (Pair pair = openPair()) {
                ConnectionInput input = pair.server().input();
                Duration wait = Duration.ofNanos(200_000);
                Duration median = Duration.ofDays(1);
                Duration most =
                        has(Capability.SHORT_WAITS) ? Duration.ofNanos(800_000) : ROUNDED_UP;
                for (int run = 0; run < 5 && median.compareTo(most) > 0; run++) {
                    median = medianWait(input, wait);
                }
                assertThat(median).isBetween(wait, most); // never down
            }
        });
    }

    private static Duration medianWait(ConnectionInput input, Duration wait) {
        long[] nanos = new long[101];
        input.timeout(wait);
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            assertThatThrownBy(input::read).isInstanceOf(SocketTimeoutException.class);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return Duration.ofNanos(nanos[nanos.length / 2]);
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() throws Exception {
        Duration negative = Duration.ofMillis(-1);
        onShard(() -> {
            try (Pair pair = openPair()) {
                assertThatThrownBy(() -> pair.client().input().timeout(negative))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("timeout=PT-0.001S");
                assertThatThrownBy(() -> pair.client().output().timeout(negative))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("timeout=PT-0.001S");
            }
        });
    }
}
