package io.byssus.integration;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;

/** What {@code docs/guide-context.md} promises of its programs. */
final class ContextGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "RequestId",
                    program ->
                            GuideChecks.assertPrints(
                                    program,
                                    """
                                    a child: request 7, scratch 0
                                    the fiber itself: request 8, scratch 19
                                    a call to shard 1: request 8, scratch 0
                                    """),
                    "LogContext",
                    program ->
                            GuideChecks.assertPrints(
                                    program,
                                    """
                                    in a child: client 192.0.2.1
                                    on another shard: client 192.0.2.1
                                    on the blocking pool: client 192.0.2.1
                                    """));

    private ContextGuideChecks() {}
}
