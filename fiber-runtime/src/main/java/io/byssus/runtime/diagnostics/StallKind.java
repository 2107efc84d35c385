package io.byssus.runtime.diagnostics;

/** Why a shard was held. */
enum StallKind {
    /** The task computes. */
    ON_CPU,
    /**
     * The task is blocked: a native call, a lock of the JVM such as a class initialiser's, disk.
     */
    BLOCKED,
    /**
     * Nobody's fault here: the carrier waited for a processor, or the JVM was paused (garbage
     * collection, another safepoint, SIGSTOP).
     */
    PAUSED
}
