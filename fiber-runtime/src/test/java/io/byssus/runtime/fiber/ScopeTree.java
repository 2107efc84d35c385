package io.byssus.runtime.fiber;

import io.byssus.runtime.fiber.Scope.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a fiber of {@link ScopeTreeTest} does: a tree of scopes, limits, waits and failures. Times
 * are in milliseconds.
 */
sealed interface ScopeTree {
    int MILLIS_MAX = 40;
    int CHILDREN_MAX = 4;

    /** It sleeps. */
    record Sleep(int millis) implements ScopeTree {}

    /** It fails. */
    record Fail() implements ScopeTree {}

    /** One after the other. */
    record Sequence(List<ScopeTree> steps) implements ScopeTree {}

    /** Under a deadline; perhaps it goes on when that has passed. */
    record Limited(int millis, ScopeTree body, boolean handled) implements ScopeTree {}

    /** Under an abort source; perhaps it goes on when that was aborted. */
    record Abortable(int source, ScopeTree body, boolean handled) implements ScopeTree {}

    /** It takes a while to clean up, however it ends. */
    record Tidy(ScopeTree body, int millis) implements ScopeTree {}

    /** Fibers of a scope, which has a deadline unless {@code millis} is zero. */
    record Group(Policy policy, int millis, List<ScopeTree> children, boolean joined)
            implements ScopeTree {}

    /** A random tree, {@code depth} deep at most. */
    static ScopeTree random(SplittableRandom random, int depth, int sources) {
        int dice = depth == 0 ? random.nextInt(5) : random.nextInt(20);
        return switch (dice) {
            case 0, 1, 2, 3 -> new Sleep(millis(random));
            case 4 -> new Fail();
            case 5, 6, 7 -> new Sequence(several(random, depth, sources));
            case 8, 9, 10 ->
                    new Limited(
                            millis(random),
                            random(random, depth - 1, sources),
                            random.nextBoolean());
            case 11, 12 ->
                    new Abortable(
                            random.nextInt(sources),
                            random(random, depth - 1, sources),
                            random.nextBoolean());
            case 13, 14 -> new Tidy(random(random, depth - 1, sources), millis(random));
            default ->
                    new Group(
                            Policy.values()[random.nextInt(Policy.values().length)],
                            random.nextBoolean() ? 0 : millis(random),
                            several(random, depth, sources),
                            random.nextInt(4) > 0);
        };
    }

    private static List<ScopeTree> several(SplittableRandom random, int depth, int sources) {
        List<ScopeTree> trees = new ArrayList<>();
        int count = 1 + random.nextInt(CHILDREN_MAX);
        for (int i = 0; i < count; i++) {
            trees.add(random(random, depth - 1, sources));
        }
        return trees;
    }

    private static int millis(SplittableRandom random) {
        return 1 + random.nextInt(MILLIS_MAX);
    }
}
