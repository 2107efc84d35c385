package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code docs/guide-scheduling-groups.md} promises of its programs, by class name. */
final class SchedulingGroupsGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "GoldAndBronze", SchedulingGroupsGuideChecks::shares,
                    "ReportInBackground", SchedulingGroupsGuideChecks::report,
                    "TenantGroups", SchedulingGroupsGuideChecks::tenants,
                    "SoonServed", SchedulingGroupsGuideChecks::soonServed);

    /** A busy machine takes the processor away in the middle of a slice. */
    private static final int TRIALS = 5;

    private SchedulingGroupsGuideChecks() {}

    static void shares(CompiledProgram program) {
        assertOnceOfSeveralTimes(
                program,
                Pattern.compile("gold does (\\d+\\.\\d) times as much as bronze\n"),
                ratio -> ratio > 1.5 && ratio < 6);
    }

    static void report(CompiledProgram program) {
        GuideChecks.assertPrints(
                program,
                """
                a part is made in reports, another on shard 1 in reports
                the request goes on in main
                """);
    }

    static void tenants(CompiledProgram program) {
        GuideChecks.assertPrints(program, "scheduling group 'acme' is closed\nimported in acme\n");
    }

    static void soonServed(CompiledProgram program) {
        double micros = 20_000; // in one group it would be 50,000
        assertOnceOfSeveralTimes(
                program,
                Pattern.compile("half of them were late by (\\d+) us at most\n"),
                late -> late < micros);
    }

    private static void assertOnceOfSeveralTimes(
            CompiledProgram program, Pattern output, DoublePredicate expected) {
        double figure = Double.NaN;
        for (int trial = 0; trial < TRIALS && !expected.test(figure); trial++) {
            figure = figure(program, output);
        }
        assertThat(expected.test(figure)).as("the last of the figures: %s", figure).isTrue();
    }

    private static double figure(CompiledProgram program, Pattern output) {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).as(ended.err()).isZero();
            Matcher matcher = output.matcher(ended.out());
            assertThat(matcher.matches()).as(ended.out()).isTrue();
            return Double.parseDouble(matcher.group(1));
        }
    }
}
