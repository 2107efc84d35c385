package io.byssus.runtime.memory;

/** How a fiber waits for memory: the part that the layer of fibers has to do. */
@FunctionalInterface
public interface MemoryWaiting {
    /** The calling fiber is about to wait for so many bytes. */
    MemoryRequest request(long bytes);
}
