package io.byssus.integration;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;

/** What {@code docs/guide-fibers.md} promises of its programs, by class name. */
final class FiberGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "FirstFibers",
                    prints("started\nquick\nslow\n42\n"),
                    "PageOfTwo",
                    prints(
                            """
                            ada has an empty cart
                            nobody needs the cart of nobody
                            no page: no such user
                            """),
                    "ManyAtATime",
                    prints("100 squares\nthe hare wins\n"),
                    "JustALoop",
                    prints("ready after 3 attempts\n"),
                    "ForkedUser",
                    prints("a fork greets ada on shard 0\na fiber greets nobody\n"));

    private FiberGuideChecks() {}

    private static GuideCheck prints(String text) {
        return program -> GuideChecks.assertPrints(program, text);
    }
}
