package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.tcp.TcpUser;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * An application at one end of a connection: writes so many bytes of the {@link Pattern}, closes
 * its output, reads to the end of the other's and looks at each byte, then closes.
 */
final class StreamEnd implements TcpUser {
    /** What it does. */
    record Plan(long sends, int writeBytes, Duration readPause, boolean endsOutput) {
        static final int WRITE_BYTES = 16 << 10;

        static Plan sending(long bytes) {
            return new Plan(bytes, WRITE_BYTES, Duration.ZERO, true);
        }

        static Plan receiving() {
            return sending(0);
        }

        Plan inWritesOf(int bytes) {
            return new Plan(sends, bytes, readPause, endsOutput);
        }

        /** Takes one buffer, then waits. */
        Plan pausing(Duration pause) {
            return new Plan(sends, writeBytes, pause, endsOutput);
        }

        /** Leaves the output open. */
        Plan staying() {
            return new Plan(sends, writeBytes, readPause, false);
        }
    }

    private static final Duration RETRY = Duration.ofSeconds(10);

    private final Simulation network;
    private final Plan plan;
    private Supplier<TcpConnection> opener;
    private TcpConnection connection;
    private boolean queued;
    private boolean pausing;
    private boolean outputClosed;
    private boolean closed;
    private long sent;
    private long received;
    private long endNanos = -1;
    private TcpFailure failure = TcpFailure.NONE;

    StreamEnd(Simulation network, Plan plan) {
        this.network = network;
        this.plan = plan;
    }

    /** It opens its connection, and another while there is no way to the other host. */
    void open(Supplier<TcpConnection> newOpener) {
        opener = newOpener;
        begin(opener.get());
    }

    /** It has got its connection. */
    StreamEnd begin(TcpConnection its) {
        connection = its;
        connection.user(this);
        wake();
        return this;
    }

    TcpConnection connection() {
        return connection;
    }

    long received() {
        return received;
    }

    long sent() {
        return sent;
    }

    /** Whether the other's output has ended. */
    boolean isAtEnd() {
        return endNanos >= 0;
    }

    long endNanos() {
        return endNanos;
    }

    TcpFailure failure() {
        return failure;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void onEvents(int events) {
        wake();
    }

    private void wake() {
        if (!queued && connection != null) {
            queued = true;
            network.ready(this::run);
        }
    }

    private void run() {
        queued = false;
        if (closed) {
            return;
        }
        if (connection.state() == TcpState.SYN_SENT) {
            return; // closing now would give the attempt up
        }
        if (opener != null && sent == 0 && connection.failure() == TcpFailure.HOST_UNREACHABLE) {
            // Where so much is lost, ARP may get no answer.
            connection.close();
            network.after(RETRY, () -> open(opener));
            return;
        }
        write();
        read();
        if (connection.state() == TcpState.CLOSED && connection.failure() != TcpFailure.NONE) {
            failure = connection.failure();
            close();
        } else if (isAtEnd() && outputClosed) {
            close();
        }
    }

    private void write() {
        while (sent < plan.sends() && connection.canSend() && connection.sendSpace() > 0) {
            Buffer text =
                    network.pool().allocate((int) Math.min(plan.writeBytes(), plan.sends() - sent));
            Pattern.fill(sent, text);
            sent += text.length();
            connection.send(text);
        }
        if (sent == plan.sends() && plan.endsOutput() && !outputClosed) {
            endOutput();
        }
    }

    void endOutput() {
        outputClosed = true;
        connection.closeOutput();
    }

    private void read() {
        while (!pausing) {
            Buffer text = connection.receive();
            if (text == null) {
                break;
            }
            assertThat(Pattern.mismatch(received, text))
                    .as("byte after %d", received)
                    .isEqualTo(-1);
            received += text.length();
            text.close();
            if (plan.readPause().isPositive()) {
                pausing = true;
                network.after(plan.readPause(), this::readOn);
            }
        }
        if (!isAtEnd() && connection.atEnd()) {
            endNanos = network.now();
        }
    }

    private void readOn() {
        pausing = false;
        wake();
    }

    void close() {
        if (!closed) {
            closed = true;
            connection.close();
        }
    }

    void abort() {
        closed = true;
        connection.abort();
    }
}
