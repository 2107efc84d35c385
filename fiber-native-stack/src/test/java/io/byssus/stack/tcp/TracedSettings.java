package io.byssus.stack.tcp;

import java.util.concurrent.TimeUnit;

/** The default settings, but for one of them. */
final class TracedSettings {
    private static final TcpSettings DEFAULTS = TcpSettings.DEFAULTS;

    private TracedSettings() {}

    static TcpSettings nagle() {
        return of(true, DEFAULTS.receiveBytesMax(), 0, DEFAULTS.userTimeoutNanos(), false);
    }

    static TcpSettings receiveBytesMax(int bytes) {
        return of(false, bytes, 0, DEFAULTS.userTimeoutNanos(), false);
    }

    /** With 9 probes, 75 s apart. */
    static TcpSettings keepaliveSeconds(int seconds) {
        return of(
                false,
                DEFAULTS.receiveBytesMax(),
                TimeUnit.SECONDS.toNanos(seconds),
                DEFAULTS.userTimeoutNanos(),
                false);
    }

    static TcpSettings userTimeoutSeconds(int seconds) {
        return of(false, DEFAULTS.receiveBytesMax(), 0, TimeUnit.SECONDS.toNanos(seconds), false);
    }

    static TcpSettings ecn() {
        return of(false, DEFAULTS.receiveBytesMax(), 0, DEFAULTS.userTimeoutNanos(), true);
    }

    private static TcpSettings of(
            boolean nagle,
            int receiveBytesMax,
            long keepaliveNanos,
            long userTimeoutNanos,
            boolean requestEcn) {
        return new TcpSettings(
                nagle,
                DEFAULTS.sendBytesMax(),
                receiveBytesMax,
                keepaliveNanos,
                DEFAULTS.keepaliveIntervalNanos(),
                DEFAULTS.keepaliveProbes(),
                userTimeoutNanos,
                DEFAULTS.connectTimeoutNanos(),
                requestEcn);
    }
}
