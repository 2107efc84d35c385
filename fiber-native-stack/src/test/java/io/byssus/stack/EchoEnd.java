package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpUser;

/** Sends back what it hears, until that ends. */
final class EchoEnd implements TcpUser {
    private final Simulation place;
    private final TcpConnection connection;
    private boolean queued;
    private boolean closed;

    EchoEnd(Simulation place, TcpConnection connection) {
        this.place = place;
        this.connection = connection;
        connection.user(this);
        onEvents(0);
    }

    @Override
    public void onEvents(int events) {
        if (!queued && !closed) {
            queued = true;
            place.ready(this::run);
        }
    }

    private void run() {
        queued = false;
        for (Buffer text = connection.receive(); text != null; text = connection.receive()) {
            if (connection.canSend()) {
                connection.send(text);
            } else {
                text.close();
            }
        }
        if (!closed && (connection.atEnd() || !connection.canSend())) {
            closed = true;
            connection.close();
        }
    }
}
