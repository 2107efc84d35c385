package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How {@code ./byssus test} counts, on reports that a Maven of the test's own writes. */
class ScriptTestGroupsTest {
    private static final String PASSED = "<testcase name=\"a\" time=\"0.1\"/>";
    private static final String FAILED =
            "<testcase name=\"b\">\n<failure type=\"x\"/>\n</testcase>";
    private static final String BROKEN = "<testcase name=\"c\">\n<error>x</error>\n</testcase>";
    private static final String SKIPPED = "<testcase name=\"d\">\n<skipped/>\n</testcase>";

    @TempDir private Path folder;
    private ScratchCheckout scratch;

    @BeforeEach
    void create() throws Exception {
        scratch = ScratchCheckout.of(folder).write("config/test-floor", "unit 1\n");
        scratch.jdk("usr/lib/jvm/25", "25.0.3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0 | 3 0 0 0 | passed 3 tests           | Tests run: 3, Failures: 0, Errors: 0, Skipped: 0
                    0 | 1 0 0 0 | passed 1 test            | Tests run: 1, Failures: 0, Errors: 0, Skipped: 0
                    0 | 2 0 0 1 | passed 2 tests, skipped 1| Tests run: 3, Failures: 0, Errors: 0, Skipped: 1
                    1 | 2 1 0 0 | FAILED: 1 of 3 tests     | Tests run: 3, Failures: 1, Errors: 0, Skipped: 0
                    1 | 2 1 2 1 | FAILED: 3 of 6 tests     | Tests run: 6, Failures: 1, Errors: 2, Skipped: 1
                    0 | 2 1 0 0 | FAILED: 1 of 3 tests     | Tests run: 3, Failures: 1, Errors: 0, Skipped: 0
                    """)
    void testCasesOfAllReportsAreCounted(int status, String counts, String line, String sums)
            throws Exception {
        String[] n = counts.split(" ");
        String cases =
                (PASSED + "\n").repeat(Integer.parseInt(n[0]) - 1)
                        + (FAILED + "\n").repeat(Integer.parseInt(n[1]))
                        + (BROKEN + "\n").repeat(Integer.parseInt(n[2]))
                        + (SKIPPED + "\n").repeat(Integer.parseInt(n[3]));
        scratch.maven(
                report("fiber-runtime", PASSED) + report("fiber-net", cases) + "exit " + status);

        boolean passes = line.startsWith("passed");
        assertEnds(passes ? 0 : 1, scratch.run("test", "unit"), "unit         " + line, sums);
    }

    @Test
    void fewerTestsThanTheFloorFail() throws Exception {
        scratch.maven(report("fiber-net", (PASSED + "\n").repeat(4) + SKIPPED));
        scratch.write("config/test-floor", "unit 4\n");
        assertThat(scratch.run("test", "unit").status()).isZero();
        scratch.write("config/test-floor", "unit 5\n");
        assertEnds(
                1,
                scratch.run("test", "unit"),
                "unit         FAILED: 4 tests ran, and config/test-floor says that there are at"
                        + " least 5",
                "Tests run: 5, Failures: 0, Errors: 1, Skipped: 1");
    }

    @Test
    void noTestAtAllIsAFailure() throws Exception {
        scratch.maven("").write("config/test-floor", "unit 0\n");
        Child.Ended ended = scratch.run("test", "unit");
        assertEnds(1, ended, "", "Tests run: 0, Failures: 0, Errors: 0, Skipped: 0");
        assertThat(ended.out().lines()).contains("no test ran, and that is a failure");
    }

    @Test
    void reportsOfAnEarlierRunAreNotCounted() throws Exception {
        scratch.maven(report("fiber-net", PASSED));
        assertThat(scratch.run("test", "unit").status()).isZero();
        scratch.maven("");
        assertThat(scratch.run("test", "unit").status()).isEqualTo(1);
    }

    @Test
    void buildThatFailsWithoutAFailedTestIsAnErrorAndShowsItsLog() throws Exception {
        scratch.maven(report("fiber-net", PASSED) + "echo '[ERROR] does not compile'; exit 1");
        Child.Ended ended = scratch.run("test", "unit");
        assertEnds(
                1,
                ended,
                "unit         FAILED (the log is above, and in .byssus/test/unit.log)",
                "Tests run: 1, Failures: 0, Errors: 1, Skipped: 0");
        assertThat(ended.err().lines()).contains("[ERROR] does not compile");
    }

    @Test
    void failedChecksFailWithoutATest() throws Exception {
        scratch.maven("");
        assertEnds(
                0,
                scratch.run("test", "checks"),
                "checks       passed",
                "Tests run: 0, Failures: 0, Errors: 0, Skipped: 0");
        scratch.maven("exit 1");
        assertEnds(
                1,
                scratch.run("test", "checks"),
                "checks       FAILED",
                "Tests run: 0, Failures: 0, Errors: 1, Skipped: 0");
    }

    @Test
    void groupThatTheMachineCannotRunSaysWhyAndFailsOnlyIfRequired() throws Exception {
        scratch.maven(report("fiber-net", PASSED))
                .tool("id", "echo 1000")
                .write("fiber-net/src/test/java/DeviceTest.java", "@Tag(\"tun\") class X {}\n");
        assertEnds(
                0,
                scratch.run("test", "unit", "tun"),
                "tun          not run: you are not root",
                "Tests run: 1, Failures: 0, Errors: 0, Skipped: 0");

        scratch.set("BYSSUS_REQUIRE", "root,tun");
        assertEnds(
                1,
                scratch.run("test", "unit", "tun"),
                "tun          FAILED, not run but required: you are not root",
                "Tests run: 1, Failures: 0, Errors: 1, Skipped: 0");
    }

    @Test
    void groupWhoseTestsGotLostFails() throws Exception {
        scratch.maven(report("fiber-net", PASSED)).set("BYSSUS_REQUIRE", "root");
        assertEnds(
                0,
                scratch.run("test", "unit", "root"),
                "root         not run: no test needs it yet",
                "Tests run: 1, Failures: 0, Errors: 0, Skipped: 0");
        scratch.write("config/test-floor", "root 2\n");
        assertEnds(
                1,
                scratch.run("test", "unit", "root"),
                "root         FAILED: 0 tests ran, and config/test-floor says that there are at"
                        + " least 2",
                "Tests run: 1, Failures: 0, Errors: 1, Skipped: 0");
    }

    @Test
    void groupPastItsBudgetIsEndedWithItsChildrenAndFails() throws Exception {
        Path pid = scratch.file("child.pid");
        scratch.replace("scripts/test.sh", "[unit]=600", "[unit]=1")
                .maven(report("fiber-net", PASSED) + "sleep 1000 & echo $! > " + pid + "; wait");
        assertEnds(
                1,
                scratch.run("test", "unit"),
                "unit         FAILED: out of time after",
                "Tests run: 1, Failures: 0, Errors: 1, Skipped: 0");
        awaitEnd(Path.of("/proc", Files.readString(pid).strip(), "exe"));
    }

    @Test
    void seedIsPrintedAndPassedOn() throws Exception {
        scratch.maven(report("fiber-net", PASSED)).set("BYSSUS_SEED", "4711");
        assertThat(scratch.run("test", "unit").err())
                .startsWith("byssus: seed 4711 (BYSSUS_SEED=4711 repeats this run)\n");
        assertThat(scratch.file("mvn.calls")).content().contains("-Dbyssus.seed=4711 ");
    }

    /** A process that has ended but was not waited for has no program, but its entry. */
    private static void awaitEnd(Path program) {
        long deadline = System.nanoTime() + Child.LIMIT.toNanos();
        while (Files.exists(program)) {
            assertThat(System.nanoTime()).as("%s runs on", program).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** The Bash that writes a report of the unit tests of one module. */
    private static String report(String module, String cases) {
        String reports = module + "/target/test-reports/unit";
        return "mkdir -p %s; cat > %s/TEST-X.xml << 'END'\n<testsuite tests=\"0\">\n%s\n</testsuite>\nEND\n"
                .formatted(reports, reports, cases);
    }

    /** The summary has the line, and its last line is the sums. */
    private static void assertEnds(int status, Child.Ended ended, String line, String sums) {
        List<String> out = ended.out().lines().toList();
        assertThat(out).last().as(ended.err()).isEqualTo(sums);
        assertThat(out).anyMatch(found -> found.equals(line) || found.startsWith(line + " "), line);
        assertThat(ended.status()).as(ended.err()).isEqualTo(status);
    }
}
