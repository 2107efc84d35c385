package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;

/** Frames for tests, numbered so that each is known again; and the proof that none has leaked. */
final class Frames {
    private static final int LENGTH = 100;
    private static final int NUMBER_AT = 20;

    private final BufferPool pool =
            new BufferPool(
                    new Home() {
                        @Override
                        public boolean isCurrent() {
                            return true;
                        }

                        @Override
                        public void execute(Runnable task) {
                            task.run();
                        }
                    },
                    BufferPool.Mode.TRACKING);

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
