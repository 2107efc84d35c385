package io.byssus.stack.tcp;

import java.util.concurrent.TimeUnit;

/**
 * What an application chooses for a connection or a listener.
 *
 * @param nagle whether small segments wait while something is in flight (RFC 9293, 3.7.4)
 * @param sendBytesMax how much the send queue takes before the writer waits
 * @param receiveBytesMax how large the receive window may grow
 * @param keepaliveNanos the silence before the first probe; 0 for none
 * @param keepaliveIntervalNanos between probes
 * @param keepaliveProbes without an answer, after which the peer is gone
 * @param userTimeoutNanos how long sent data may go unacknowledged (R2: SHLD-11)
 * @param connectTimeoutNanos how long a SYN may (R2 for SYN: MUST-23)
 * @param requestEcn whether to ask for ECN when opening; it is accepted always (RFC 3168)
 */
public record TcpSettings(
        boolean nagle,
        int sendBytesMax,
        int receiveBytesMax,
        long keepaliveNanos,
        long keepaliveIntervalNanos,
        int keepaliveProbes,
        long userTimeoutNanos,
        long connectTimeoutNanos,
        boolean requestEcn) {
    private static final int SEND_BYTES = 1 << 20;

    /** The largest receive window that is ever offered; the scale in the SYN follows from it. */
    public static final int RECEIVE_BYTES_MAX = 4 << 20;

    private static final long KEEPALIVE_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(75);
    private static final int KEEPALIVE_PROBES = 9;
    private static final long USER_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final long CONNECT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(180);

    /** No keep-alive, no Nagle, limits as the RFC wants them. */
    public static final TcpSettings DEFAULTS =
            new TcpSettings(
                    false,
                    SEND_BYTES,
                    RECEIVE_BYTES_MAX,
                    0,
                    KEEPALIVE_INTERVAL_NANOS,
                    KEEPALIVE_PROBES,
                    USER_TIMEOUT_NANOS,
                    CONNECT_TIMEOUT_NANOS,
                    false);
}
