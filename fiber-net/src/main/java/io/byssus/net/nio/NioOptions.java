package io.byssus.net.nio;

import io.byssus.net.SocketSettings;
import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/** Sets of a socket's options those that the JDK knows, and refuses the others. Cold. */
final class NioOptions {
    private static final int KEEPALIVE_PROBES = 4;

    /** Below the codepoint in the type of service (RFC 3168). */
    private static final int ECN_BITS = 2;

    private NioOptions() {}

    /**
     * Before anything is opened.
     *
     * @throws UnsupportedOperationException with a sentence about the first that cannot be met
     */
    static void check(SocketSettings settings, boolean fastOpen) {
        if (!settings.userTimeout().isZero()) {
            throw unsupported("userTimeout", "TCP_USER_TIMEOUT");
        }
        if (fastOpen) {
            throw unsupported("fastOpen", "TCP_FASTOPEN");
        }
    }

    private static UnsupportedOperationException unsupported(String option, String name) {
        return new UnsupportedOperationException(
                option + ": the JDK has no " + name + ": it needs --reactor-backend epoll");
    }

    /** What a connection has for itself, of TCP. */
    static void apply(SocketChannel channel, SocketSettings settings) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, settings.noDelay());
        applyBufferSizes(channel, settings.sendBufferBytes(), settings.receiveBufferBytes());
        Duration keepalive = settings.keepalive();
        if (!keepalive.isZero()) {
            int seconds = (int) Math.max(1, keepalive.toSeconds());
            int interval = Math.max(1, seconds / KEEPALIVE_PROBES);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            setIfKnown(channel, ExtendedSocketOptions.TCP_KEEPIDLE, seconds);
            setIfKnown(channel, ExtendedSocketOptions.TCP_KEEPINTERVAL, interval);
            setIfKnown(channel, ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
        }
        if (settings.dscp() != 0) {
            channel.setOption(StandardSocketOptions.IP_TOS, settings.dscp() << ECN_BITS);
        }
    }

    /** The kernel's buffers, where they are not left to the kernel. */
    static void applyBufferSizes(NetworkChannel channel, int send, int receive) throws IOException {
        if (send > 0) {
            setIfKnown(channel, StandardSocketOptions.SO_SNDBUF, send);
        }
        if (receive > 0) {
            setIfKnown(channel, StandardSocketOptions.SO_RCVBUF, receive);
        }
    }

    static <T> void setIfKnown(NetworkChannel channel, SocketOption<T> option, T value)
            throws IOException {
        if (channel.supportedOptions().contains(option)) {
            NetworkChannel same = channel.setOption(option, value);
            assert same == channel;
        }
    }
}
