package io.byssus.stack.tcp;

/**
 * What belongs to one pair of endpoints. The five are as {@code stack.ip.IpAddress} has them, and
 * do not change while it is in a table.
 */
public interface Flow {
    long localHigh();

    long localLow();

    long remoteHigh();

    long remoteLow();

    /** Both, as {@link #ports(int, int)} packs them. */
    int ports();

    /** The local port in the upper half, the remote one in the lower. */
    static int ports(int local, int remote) {
        assert (local | remote) >>> Short.SIZE == 0 : "local=" + local + " remote=" + remote;
        return (local << Short.SIZE) | remote;
    }

    default int localPort() {
        return localPort(ports());
    }

    default int remotePort() {
        return remotePort(ports());
    }

    static int localPort(int ports) {
        return ports >>> Short.SIZE;
    }

    static int remotePort(int ports) {
        return Short.toUnsignedInt((short) ports);
    }
}
