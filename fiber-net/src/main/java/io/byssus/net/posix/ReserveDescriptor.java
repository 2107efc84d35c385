package io.byssus.net.posix;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;

/**
 * A descriptor kept in reserve for the day when there are none left: then it is given up, so that a
 * client that cannot be served can be accepted and turned away, instead of making the listening
 * socket ready for ever.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class ReserveDescriptor {
    private final CallState state;
    private int fd;

    ReserveDescriptor(CallState state) {
        this.state = state;
        this.fd = Descriptors.openReserve(state);
    }

    /** Frees the reserve; false if it is in use already. */
    boolean giveUp() {
        if (fd < 0) {
            return false;
        }
        Descriptors.close(state, fd);
        fd = -1;
        return true;
    }

    /** Takes it back, if there is a descriptor again. */
    void takeBack() {
        if (fd < 0) {
            fd = Descriptors.openReserve(state);
        }
    }

    void close() {
        giveUp();
    }
}
