package io.byssus.integration;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;

/** What {@code docs/guide-primitives.md} promises of its programs, by class name. */
final class PrimitivesGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "TwoAtATime", prints("at most 2 at once, and 0 now\n"),
                    "SafeTransfer", prints("left 50, right 50\n"),
                    "FirstSquares",
                            prints("pipe 'squares': its reader is closed\nthe sum is 285\n"),
                    "AnswerFromOutside", prints("shard 0 got 42\n"));

    private PrimitivesGuideChecks() {}

    private static GuideCheck prints(String text) {
        return program -> GuideChecks.assertPrints(program, text);
    }
}
