package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.SilentListener;
import io.byssus.stack.ip.IpAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/**
 * Tests that read like a packet trace: {@link #peer} sends segments to a stack, {@link #expect}
 * says what that answers, in the notation of {@link TracedSegment}. At its end nothing may have
 * been sent that was not expected, and no buffer may be left.
 *
 * <p>There is a builder for each state. Their peer has a round trip of 100 ms, offers windows of
 * 10000 bytes, takes segments of 1000, and knows no options, so that there is nothing in a trace
 * but what it is about.
 */
abstract class TraceTest {
    static final TcpSettings SETTINGS = TcpSettings.DEFAULTS;

    /** Long enough for whatever an acknowledgment may wait for. */
    private static final int SETTLED_MILLIS = 41;

    private static final int QUICK_SEGMENTS = 16;

    TracedStack wire = new TracedStack(TcpLimits.DEFAULTS);
    TcpSettings settings = SETTINGS;
    TcpListener listener;
    TcpConnection connection;

    /** What the connection's user was told. */
    int events;

    int written;
    private int read;

    @AfterEach
    void nothingElseWasSent() {
        try {
            assertThat(wire.sent.stream().map(sent -> sent.segment().toString())).isEmpty();
        } finally {
            if (connection != null) {
                connection.abort();
            }
            wire.close();
        }
        assertThat(wire.stack.counters().memoryBytes).as("bytes charged at the end").isZero();
    }

    // The notation.

    /** Segments arrive, in one batch. */
    void peer(String... segments) {
        wire.arrive(segments);
    }

    /** The next segment that was sent. */
    void expect(String... segments) {
        for (String notation : segments) {
            TracedSegment expected = TracedSegment.of(notation);
            assertThat(wire.sent).as("expected %s", notation).isNotEmpty();
            assertThat(wire.sent.poll().segment().inTermsOf(expected)).isEqualTo(expected);
        }
    }

    void expectNothing() {
        assertThat(wire.sent.stream().map(sent -> sent.segment().toString())).isEmpty();
    }

    /** Nothing is sent until a time after now, and then this. */
    void expectAfterMillis(long least, long most, String segment) {
        expectNothing();
        long before = wire.now;
        assertThat(wire.advanceUntilSent(TimeUnit.MILLISECONDS.toNanos(most)))
                .as("within %d ms: %s", most, segment)
                .isTrue();
        assertThat(wire.now - before)
                .as("time of %s", segment)
                .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(least));
        expect(segment);
    }

    void afterMillis(long millis) {
        wire.advance(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    void afterSeconds(long seconds) {
        wire.advance(TimeUnit.SECONDS.toNanos(seconds));
    }

    void send() {
        wire.stack.emit(wire.now, wire);
    }

    /** Forgets what was sent: it is not what the test is about. */
    void ignoreSent() {
        wire.sent.clear();
    }

    // What applications do.

    void write(int count) {
        connection.send(wire.buffers.of(QueueBuffers.numbered(written, count)));
        written += count;
        send();
    }

    /** Takes what there is to read, which must be so much. */
    void read(int count) {
        int taken = 0;
        for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
            byte[] bytes = QueueBuffers.drain(text);
            assertThat(bytes).isEqualTo(QueueBuffers.numbered(read + 1, bytes.length));
            read += bytes.length;
            taken += bytes.length;
        }
        assertThat(taken).as("bytes to read").isEqualTo(count);
        send();
    }

    void closeOutput() {
        connection.closeOutput();
        send();
    }

    void close() {
        connection.close();
        send();
    }

    void abort() {
        connection.abort();
        send();
    }

    void assertState(TcpState state) {
        assertThat(connection.state()).isEqualTo(state);
    }

    void assertFailed(TcpFailure failure) {
        assertState(TcpState.CLOSED);
        assertThat(connection.failure()).isEqualTo(failure);
    }

    /** Whether the user was told of it since the last time. */
    boolean told(int event) {
        boolean told = (events & event) != 0;
        events &= ~event;
        return told;
    }

    // A builder for each state.

    TcpListener listen() {
        listener = listen(TracedStack.LOCAL, TracedStack.LOCAL_PORT);
        return listener;
    }

    TcpListener listen(IpAddress address, int port) {
        return wire.stack.listen(address, port, 1, settings, new SilentListener());
    }

    TcpConnection open() {
        return wire.stack.connect(
                wire.now,
                TracedStack.LOCAL,
                wire.localPort,
                wire.remote,
                wire.remotePort,
                settings,
                told -> events |= told);
    }

    void synSent() {
        connection = open();
        send();
        expect("S 0:0(0)");
        assertState(TcpState.SYN_SENT);
    }

    /** By an active open that meets the peer's. */
    void synReceivedActively() {
        synSent();
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1");
        assertState(TcpState.SYN_RECEIVED);
    }

    void synReceived() {
        if (listener == null) {
            listen();
        }
        peer("S 0:0(0) win 10000 <mss 1000>");
        expect("S. 0:0(0) ack 1");
        connection = wire.stack.connections().getFirst();
        assertState(TcpState.SYN_RECEIVED);
    }

    /** With a peer whose SYN,ACK has these options. */
    void established(String options) {
        synSent();
        afterMillis(100);
        peer("S. 0:0(0) ack 1 win 10000 <" + options + ">");
        expect(". 1:1(0) ack 1");
        assertState(TcpState.ESTABLISHED);
    }

    void established() {
        established("mss 1000");
    }

    /** Where the first segments of a connection, which are acknowledged at once, have passed. */
    void establishedForAWhile() {
        established();
        for (int i = 1; i <= QUICK_SEGMENTS; i++) {
            peer(segment("P.", i, 1) + " ack 1 win 10000");
            expect(". 1:1(0) ack " + (i + 1));
        }
        read(QUICK_SEGMENTS);
        afterMillis(SETTLED_MILLIS);
        ignoreSent();
    }

    void accepted() {
        synReceived();
        afterMillis(100);
        peer(". 1:1(0) ack 1 win 10000");
        assertThat(wire.stack.accept(listener)).isSameAs(connection);
        connection.user(told -> events |= told);
        assertState(TcpState.ESTABLISHED);
    }

    void finWait1() {
        established();
        closeOutput();
        expect("F. 1:1(0) ack 1");
        assertState(TcpState.FIN_WAIT_1);
    }

    void finWait2() {
        finWait1();
        peer(". 1:1(0) ack 2 win 10000");
        assertState(TcpState.FIN_WAIT_2);
    }

    void closeWait() {
        established();
        peer("F. 1:1(0) ack 1 win 10000");
        expect(". 1:1(0) ack 2");
        assertState(TcpState.CLOSE_WAIT);
    }

    void closing() {
        finWait1();
        peer("F. 1:1(0) ack 1 win 10000");
        expect(". 2:2(0) ack 2");
        assertState(TcpState.CLOSING);
    }

    void lastAck() {
        closeWait();
        closeOutput();
        expect("F. 1:1(0) ack 2");
        assertState(TcpState.LAST_ACK);
    }

    void timeWait() {
        finWait2();
        peer("F. 1:1(0) ack 2 win 10000");
        expect(". 2:2(0) ack 2");
        assertState(TcpState.TIME_WAIT);
    }

    /** {@code FLAGS FIRST:NEXT(TEXT)}. */
    static String segment(String flags, int first, int text) {
        return flags + " " + first + ":" + (first + text) + "(" + text + ")";
    }
}
