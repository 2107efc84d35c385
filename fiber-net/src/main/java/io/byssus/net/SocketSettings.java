package io.byssus.net;

import java.time.Duration;

/**
 * What accepted and outgoing connections have in common.
 *
 * @param noDelay whether small writes go out at once (RFC 896 is about the contrary); true by
 *     default, since output is batched here
 * @param keepalive how long a silent connection lasts before the peer is probed; zero for never
 * @param sendBufferBytes the kernel's buffer; 0 leaves it to the kernel
 * @param receiveBufferBytes as {@code sendBufferBytes}
 * @param closeTimeout how long {@code close} may wait in all for the peer to take what was written
 * @param linger how long {@code close} may wait besides for the peer's TCP to acknowledge it; zero
 *     for not at all
 * @param userTimeout how long what was sent may go unacknowledged before the connection is given up
 *     (RFC 5482); zero leaves it to the stack
 * @param dscp the differentiated services codepoint of what is sent (RFC 2474), 0 to 63
 */
public record SocketSettings(
        boolean noDelay,
        Duration keepalive,
        int sendBufferBytes,
        int receiveBufferBytes,
        Duration closeTimeout,
        Duration linger,
        Duration userTimeout,
        int dscp) {

    private static final int DSCP_MAX = 63;

    static final SocketSettings DEFAULTS =
            new SocketSettings(
                    true,
                    Duration.ZERO,
                    0,
                    0,
                    Duration.ofSeconds(5),
                    Duration.ZERO,
                    Duration.ZERO,
                    0);

    public SocketSettings {
        if (sendBufferBytes < 0 || receiveBufferBytes < 0) {
            throw new IllegalArgumentException(
                    "sendBufferBytes="
                            + sendBufferBytes
                            + " receiveBufferBytes="
                            + receiveBufferBytes);
        }
        if (keepalive.isNegative() || closeTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "keepalive=" + keepalive + " closeTimeout=" + closeTimeout);
        }
        if (linger.isNegative() || userTimeout.isNegative()) {
            throw new IllegalArgumentException("linger=" + linger + " userTimeout=" + userTimeout);
        }
        if (dscp < 0 || dscp > DSCP_MAX) {
            throw new IllegalArgumentException("dscp=" + dscp + ": must be 0 to " + DSCP_MAX);
        }
    }

    SocketSettings withNoDelay(boolean on) {
        return new SocketSettings(
                on,
                keepalive,
                sendBufferBytes,
                receiveBufferBytes,
                closeTimeout,
                linger,
                userTimeout,
                dscp);
    }

    SocketSettings withKeepalive(Duration idle) {
        return new SocketSettings(
                noDelay,
                idle,
                sendBufferBytes,
                receiveBufferBytes,
                closeTimeout,
                linger,
                userTimeout,
                dscp);
    }

    SocketSettings withSendBufferBytes(int bytes) {
        return new SocketSettings(
                noDelay,
                keepalive,
                bytes,
                receiveBufferBytes,
                closeTimeout,
                linger,
                userTimeout,
                dscp);
    }

    SocketSettings withReceiveBufferBytes(int bytes) {
        return new SocketSettings(
                noDelay,
                keepalive,
                sendBufferBytes,
                bytes,
                closeTimeout,
                linger,
                userTimeout,
                dscp);
    }

    SocketSettings withCloseTimeout(Duration limit) {
        return new SocketSettings(
                noDelay,
                keepalive,
                sendBufferBytes,
                receiveBufferBytes,
                limit,
                linger,
                userTimeout,
                dscp);
    }

    SocketSettings withLinger(Duration limit) {
        return new SocketSettings(
                noDelay,
                keepalive,
                sendBufferBytes,
                receiveBufferBytes,
                closeTimeout,
                limit,
                userTimeout,
                dscp);
    }

    SocketSettings withUserTimeout(Duration limit) {
        return new SocketSettings(
                noDelay,
                keepalive,
                sendBufferBytes,
                receiveBufferBytes,
                closeTimeout,
                linger,
                limit,
                dscp);
    }

    SocketSettings withDscp(int codepoint) {
        return new SocketSettings(
                noDelay,
                keepalive,
                sendBufferBytes,
                receiveBufferBytes,
                closeTimeout,
                linger,
                userTimeout,
                codepoint);
    }
}
