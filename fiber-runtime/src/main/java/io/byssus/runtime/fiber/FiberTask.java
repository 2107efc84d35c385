package io.byssus.runtime.fiber;

/** What a fiber does, when it has no result. */
@FunctionalInterface
public interface FiberTask {
    /** Runs on the fiber. What it throws is the fiber's failure. */
    void run() throws Exception;
}
