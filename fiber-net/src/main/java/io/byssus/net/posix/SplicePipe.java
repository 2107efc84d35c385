package io.byssus.net.posix;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;

/**
 * A pipe of the kernel's that bytes go through from one socket to another.
 *
 * <p><b>Ownership:</b> of the {@link SpliceRelay} that took it from its shard's {@link PipePool}.
 */
final class SplicePipe {
    final int readEnd;
    final int writeEnd;

    /** How many bytes it takes, if they are whole pages. */
    final int capacity;

    /** What is in it. */
    long bytes;

    SplicePipe(int readEnd, int writeEnd, int capacity) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
        this.capacity = capacity;
    }

    /** What is in it is lost. */
    void close(CallState state) {
        Descriptors.close(state, readEnd);
        Descriptors.close(state, writeEnd);
    }
}
