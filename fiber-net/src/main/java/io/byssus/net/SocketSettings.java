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
 */
public record SocketSettings(
        boolean noDelay,
        Duration keepalive,
        int sendBufferBytes,
        int receiveBufferBytes,
        Duration closeTimeout) {

    static final SocketSettings DEFAULTS =
            new SocketSettings(true, Duration.ZERO, 0, 0, Duration.ofSeconds(5));

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
    }

    SocketSettings withNoDelay(boolean on) {
        return new SocketSettings(on, keepalive, sendBufferBytes, receiveBufferBytes, closeTimeout);
    }

    SocketSettings withKeepalive(Duration idle) {
        return new SocketSettings(noDelay, idle, sendBufferBytes, receiveBufferBytes, closeTimeout);
    }

    SocketSettings withSendBufferBytes(int bytes) {
        return new SocketSettings(noDelay, keepalive, bytes, receiveBufferBytes, closeTimeout);
    }

    SocketSettings withReceiveBufferBytes(int bytes) {
        return new SocketSettings(noDelay, keepalive, sendBufferBytes, bytes, closeTimeout);
    }

    SocketSettings withCloseTimeout(Duration timeout) {
        return new SocketSettings(noDelay, keepalive, sendBufferBytes, receiveBufferBytes, timeout);
    }
}
