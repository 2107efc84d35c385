package io.byssus.runtime.reactor;

import io.byssus.runtime.os.Loom;
import io.byssus.runtime.os.ThreadId;

/**
 * The platform thread under a shard's fibers. It knows which reactor it drives at this moment: in
 * production always the same one, in a simulation one after the other.
 */
public final class Carrier extends Thread {
    /** Set by the loop at the start of each turn; read by the fibers that the turn runs. */
    Reactor reactor;

    private volatile int kernelId;

    public Carrier(String name, Runnable body) {
        super(null, body, name, 0, false);
    }

    @Override
    public void run() {
        kernelId = ThreadId.current();
        super.run();
    }

    /** The kernel's number of this thread; 0 until it runs. */
    public int kernelId() {
        return kernelId;
    }

    /** The reactor that the calling fiber (or carrier) belongs to, or null. */
    static Reactor currentReactor() {
        if (Loom.isAvailable() && Loom.currentCarrier() instanceof Carrier carrier) {
            return carrier.reactor;
        }
        return null;
    }
}
