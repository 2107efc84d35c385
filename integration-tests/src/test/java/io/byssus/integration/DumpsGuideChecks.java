package io.byssus.integration;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;

/** What {@code docs/guide-dumps.md} promises of its programs. */
final class DumpsGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "EachOther",
                    program ->
                            GuideChecks.assertPrints(
                                    program,
                                    "DEADLOCK: fiber 'egg' on shard 0 waits for fiber 'hen' on"
                                            + " shard 0, which waits for fiber 'egg' on shard 0\n"
                                            + "it is over\n"));

    private DumpsGuideChecks() {}
}
