package io.byssus.stack;

import io.byssus.runtime.memory.BufferPool;
import java.time.Duration;

/** Where an application lives in virtual time. */
interface Simulation {
    long now();

    BufferPool pool();

    /** The task runs after the hosts' turns: applications do not act from within them. */
    void ready(Runnable task);

    void after(Duration wait, Runnable task);
}
