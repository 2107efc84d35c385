package io.byssus.net.posix;

import io.byssus.net.uring.BufferRing;
import io.byssus.net.uring.OperationState;
import io.byssus.runtime.os.CompletionEntry;
import io.byssus.runtime.os.IoUring;
import io.byssus.runtime.os.IoUringWait;
import io.byssus.runtime.os.ProvidedBuffers;
import io.byssus.runtime.os.SubmissionEntry;
import java.util.List;

/** What {@link HotClasses} is, for io_uring. */
final class UringHotClasses {
    private static final List<Class<?>> CLASSES =
            List.of(
                    BufferRing.class,
                    CompletionEntry.class,
                    IoUring.class,
                    IoUringWait.class,
                    OperationState.class,
                    ProvidedBuffers.class,
                    SubmissionEntry.class,
                    UncopiedSend.class,
                    UringAcceptHandle.class,
                    UringSocket.class);

    private UringHotClasses() {}

    static void load() {
        HotClasses.load(CLASSES);
    }
}
