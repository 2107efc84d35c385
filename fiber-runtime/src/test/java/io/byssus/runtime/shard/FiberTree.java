package io.byssus.runtime.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a fiber of {@link FiberTreeSoakTest} does, drawn before it runs: its steps, the fibers it
 * starts and how each ends. So the result is known without running anything: this is the model.
 *
 * @param value its own part of the result
 * @param steps one after the other
 * @param ending after the last step and the end of all its children
 */
record FiberTree(long value, List<Step> steps, Ending ending) {
    private static final int STEPS_MAX = 5;
    private static final long SLEEP_MICROS_MAX = 500;

    /** How a node ends. */
    enum Ending {
        RESULT,
        FAILURE,
        /** It waits for a day; whoever started it cancels it. */
        CANCELLED
    }

    /** One thing that a node does. */
    sealed interface Step {}

    /** It sleeps. */
    record Sleep(long micros) implements Step {}

    /** It lets others run. */
    record Yield() implements Step {}

    /** It starts a child, and looks after it once it has taken {@code stepsLater} more steps. */
    record Start(FiberTree child, int stepsLater) implements Step {}

    /** It runs a node on the other shard; no such node ends cancelled. */
    record Remote(FiberTree node) implements Step {}

    /** It has a thread of the blocking pool compute something. */
    record Block(long value, long micros) implements Step {}

    /** A random node that starts others, {@code depth} deep at most. */
    static FiberTree random(SplittableRandom random, int depth) {
        int dice = random.nextInt(10);
        return random(
                random,
                depth,
                dice < 2 ? Ending.CANCELLED : dice < 4 ? Ending.FAILURE : Ending.RESULT);
    }

    private static FiberTree random(SplittableRandom random, int depth, Ending ending) {
        List<Step> steps = new ArrayList<>();
        int count = random.nextInt(STEPS_MAX + 1);
        for (int i = 0; i < count; i++) {
            steps.add(step(random, depth));
        }
        return new FiberTree(random.nextLong(), steps, ending);
    }

    private static Step step(SplittableRandom random, int depth) {
        int dice = random.nextInt(10);
        if (dice < 4 && depth > 0) {
            return new Start(random(random, depth - 1), random.nextInt(3));
        }
        if (dice < 6 && depth > 0) {
            Ending ending = random.nextInt(4) == 0 ? Ending.FAILURE : Ending.RESULT;
            return new Remote(random(random, depth - 1, ending));
        }
        return switch (dice) {
            case 6 -> new Block(random.nextLong(), random.nextLong(SLEEP_MICROS_MAX));
            case 7, 8 -> new Sleep(random.nextLong(SLEEP_MICROS_MAX));
            default -> new Yield();
        };
    }

    /** What it adds up to, if it is not disturbed: the sum that it returns or fails with. */
    long sum() {
        long sum = value;
        for (Step step : steps) {
            sum +=
                    switch (step) {
                        case Start(FiberTree child, int _) ->
                                child.ending == Ending.CANCELLED ? 0 : child.sum();
                        case Remote(FiberTree node) -> node.sum();
                        case Block(long result, long _) -> result;
                        case Sleep _, Yield _ -> 0;
                    };
        }
        return sum;
    }
}
