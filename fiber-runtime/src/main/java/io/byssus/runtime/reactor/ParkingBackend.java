package io.byssus.runtime.reactor;

import java.util.concurrent.locks.LockSupport;

/**
 * A backend without I/O: it only sleeps and is woken. For programs that use no network, and for
 * tests.
 *
 * <p><b>Ownership:</b> confined to its shard, except {@link #wake}.
 */
public final class ParkingBackend implements ReactorBackend {
    private volatile Thread sleeper;
    private volatile boolean woken;

    public ParkingBackend() {}

    @Override
    public int poll() {
        return 0;
    }

    @Override
    public int await(long timeoutNanos) {
        sleeper = Thread.currentThread();
        if (!woken) {
            if (timeoutNanos == NO_TIMEOUT) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, timeoutNanos);
            }
        }
        sleeper = null;
        woken = false;
        return 0;
    }

    @Override
    public void wake() {
        woken = true;
        LockSupport.unpark(sleeper);
    }

    @Override
    public void close() {
        sleeper = null;
    }
}
