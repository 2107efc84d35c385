package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.Here;
import io.byssus.stack.wire.InternetChecksum;
import java.lang.foreign.MemorySegment;

/** Frames for tests, numbered so that each is known again; and the proof that none has leaked. */
final class Frames {
    private static final int LENGTH = 100;
    private static final int NUMBER_AT = 20;

    /** What {@link #needingChecksum} leaves to the device: TCP behind a bare IP header. */
    static final long TCP_CHECKSUM = Offload.checksum(34, 16);

    static final long PSEUDO_HEADER =
            InternetChecksum.pseudoHeader(0x0a000001, 0x0a000002, 6, LENGTH - 34);

    private final BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);

    Buffer numbered(int number) {
        return numbered(number, LENGTH);
    }

    Buffer numbered(int number, int length) {
        Buffer frame = pool.allocate(length);
        for (int i = 0; i < length; i++) {
            frame.put(i, (byte) i);
        }
        frame.put(NUMBER_AT, (byte) (number >>> Byte.SIZE));
        frame.put(NUMBER_AT + 1, (byte) number);
        return frame;
    }

    /** As {@link #numbered}, with the pseudo-header's sum where the checksum is to be. */
    Buffer needingChecksum(int number) {
        Buffer frame = numbered(number);
        int partial = InternetChecksum.partial(PSEUDO_HEADER);
        frame.put(50, (byte) (partial >>> Byte.SIZE));
        frame.put(51, (byte) partial);
        return frame;
    }

    /** Whether the checksum of such a frame, as bytes, is complete and right. */
    static boolean isChecksumRight(byte[] frame) {
        long sum = InternetChecksum.sum(MemorySegment.ofArray(frame), 34, frame.length - 34);
        return InternetChecksum.isRight(PSEUDO_HEADER + sum);
    }

    BufferPool pool() {
        return pool;
    }

    /** The frame's number; closes it. */
    static int number(Buffer frame) {
        int high = Byte.toUnsignedInt(frame.get(NUMBER_AT));
        int low = Byte.toUnsignedInt(frame.get(NUMBER_AT + 1));
        frame.close();
        return high << Byte.SIZE | low;
    }

    void assertNoneLeaked() {
        assertThat(pool.liveSites()).isEmpty();
    }
}
