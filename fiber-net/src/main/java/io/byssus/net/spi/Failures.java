package io.byssus.net.spi;

import io.byssus.net.Addresses;
import io.byssus.net.ConnectionResetException;
import io.byssus.runtime.os.Errno;
import java.io.IOException;
import java.net.InetSocketAddress;

/** The exceptions that an application sees for error numbers, the kernel's or a stack's own. */
public final class Failures {
    private Failures() {}

    /**
     * What the peer at {@code address} did, if it reset the connection, or what else went wrong.
     *
     * @param operation {@code read}, {@code write}, {@code connect}
     */
    public static IOException of(String operation, int errno, InetSocketAddress address) {
        String peer = Addresses.format(address);
        return Errno.isReset(errno)
                ? new ConnectionResetException(
                        operation + ": " + Errno.message(errno) + ": " + peer)
                : Errno.exception(operation, errno, peer);
    }
}
