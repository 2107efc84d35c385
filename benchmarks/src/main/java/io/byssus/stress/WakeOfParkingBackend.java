package io.byssus.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.byssus.runtime.reactor.ParkingBackend;
import io.byssus.runtime.reactor.ReactorBackend;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/** A wake-up before, during or after the sleeper's way to sleep ends the sleep. */
@JCStressTest(Mode.Termination)
@Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "It was woken.")
@Outcome(id = "STALE", expect = FORBIDDEN, desc = "It sleeps for ever.")
@State
public class WakeOfParkingBackend {
    private final ParkingBackend backend = new ParkingBackend();

    /** The carrier. */
    @Actor
    public void sleeper() {
        backend.await(ReactorBackend.NO_TIMEOUT);
    }

    /** Any other thread. */
    @Signal
    public void waker() {
        backend.wake();
    }
}
