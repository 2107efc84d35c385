package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpUser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks 64 bytes of the {@link Pattern}, looks at each byte of the answer, waits, and asks on. */
final class PingEnd implements TcpUser {
    /** When a question was asked, and how long its answer took. */
    record Sample(long askedNanos, long nanos) {}

    private static final int BYTES = 64;

    private final Simulation place;
    private final Duration pause;
    private final List<Sample> samples = new ArrayList<>();
    private TcpConnection connection;
    private long asked;
    private long askedNanos;
    private long heard;
    private boolean queued;
    private boolean resting;
    private boolean ends;
    private boolean closed;

    PingEnd(Simulation place, Duration pause) {
        this.place = place;
        this.pause = pause;
    }

    PingEnd begin(TcpConnection its) {
        connection = its;
        connection.user(this);
        onEvents(0);
        return this;
    }

    List<Sample> samples() {
        return samples;
    }

    TcpConnection connection() {
        return connection;
    }

    /** After the next answer it closes. */
    void end() {
        ends = true;
        onEvents(0);
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void onEvents(int events) {
        if (!queued && connection != null) {
            queued = true;
            place.ready(this::run);
        }
    }

    private void run() {
        queued = false;
        if (closed || !connection.state().isSynchronized()) {
            assertThat(connection.failure()).isEqualTo(TcpFailure.NONE);
            return;
        }
        for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
            assertThat(Pattern.mismatch(heard, text)).isEqualTo(-1);
            heard += text.length();
            text.close();
        }
        assertThat(connection.failure()).isEqualTo(TcpFailure.NONE);
        if (heard < asked) {
            return;
        }
        if (asked > 0 && !resting) {
            samples.add(new Sample(askedNanos, place.now() - askedNanos));
            resting = true;
            place.after(pause, this::ask);
        } else if (asked == 0) {
            ask();
        }
    }

    private void ask() {
        resting = false;
        if (ends) {
            closed = true;
            connection.close();
            return;
        }
        Buffer text = place.pool().allocate(BYTES);
        Pattern.fill(asked, text);
        asked += BYTES;
        askedNanos = place.now();
        connection.send(text);
    }
}
