package io.byssus.stack;

import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.tcp.Flow;

/**
 * Both ends of a connection that is to be.
 *
 * @param ports as {@link Flow#ports()}
 */
record Ends(IpAddress local, IpAddress remote, int ports) implements Flow {
    @Override
    public long localHigh() {
        return local.high();
    }

    @Override
    public long localLow() {
        return local.low();
    }

    @Override
    public long remoteHigh() {
        return remote.high();
    }

    @Override
    public long remoteLow() {
        return remote.low();
    }
}
