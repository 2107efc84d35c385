package io.byssus.runtime.diagnostics;

/**
 * How much a dump tells. Asking for a stack costs 13-28 us a fiber; what the other fibers wait for
 * costs less than one.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param stacksMax how many fibers are asked for their stacks: first those that are not parked,
 *     then the oldest
 * @param framesMax how many frames of a stack are told
 * @param namesMax how many fibers are named where several have the same stack
 */
public record DumpOptions(int stacksMax, int framesMax, int namesMax) {
    private static final int DEFAULT_STACKS = 10_000;
    private static final int DEFAULT_FRAMES = 100;
    private static final int DEFAULT_NAMES = 5;

    /**
     * @throws IllegalArgumentException if one is negative, or no frame or name is wanted
     */
    public DumpOptions {
        if (stacksMax < 0 || framesMax < 1 || namesMax < 1) {
            throw new IllegalArgumentException(
                    "stacksMax=" + stacksMax + " framesMax=" + framesMax + " namesMax=" + namesMax);
        }
    }

    /** 10 000 stacks of 100 frames, and five names. */
    public static DumpOptions defaults() {
        return new DumpOptions(DEFAULT_STACKS, DEFAULT_FRAMES, DEFAULT_NAMES);
    }

    /** Every frame of every fiber, and every name, however long that takes. */
    public static DumpOptions everything() {
        return new DumpOptions(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }
}
