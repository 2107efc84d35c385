package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When {@code ./byssus} builds before it runs, and what a failed build leaves: nothing to run. */
class ScriptBuildTest {
    private static final String GOOD =
            "mkdir -p examples/target/dist && echo jar > examples/target/dist/byssus-examples.jar";

    private static final String BAD =
            """
            mkdir -p examples/target/dist && echo half > examples/target/dist/byssus-examples.jar
            echo '[ERROR] Echo.java:[3,1] is wrong -> [Help 1]'
            echo '[ERROR] [Help 1] http://maven.apache.org/'
            exit 1
            """;

    @TempDir private Path folder;

    @Test
    void programIsBuiltOnceAndAgainAfterAnEdit() throws Exception {
        ScratchCheckout scratch = scratch().maven(GOOD);
        assertThat(scratch.run("echo").err())
                .isEqualTo("byssus: building the examples (first time: about a minute) ...\n");
        assertThat(scratch.run("echo").err()).isEmpty();
        assertThat(scratch.mavenCalls()).isEqualTo(1);

        scratch.write("examples/src/main/java/Echo.java", "@Command(name = \"echo\") class X {}\n");
        assertThat(scratch.run("echo").err()).isEqualTo("byssus: building the examples ...\n");
        assertThat(scratch.mavenCalls()).isEqualTo(2);

        scratch.write("examples/target/dist/byssus-examples.jar", "another build");
        assertThat(scratch.run("echo").status()).isZero();
        assertThat(scratch.mavenCalls()).isEqualTo(3);
    }

    @Test
    void programGetsTheCommittedOptionsThenTheUsersThenItsArguments() throws Exception {
        ScratchCheckout scratch = scratch().maven(GOOD).set("BYSSUS_JAVA_OPTS", "-Da=b -ea");
        assertThat(scratch.run("run", "echo", "--host", "a b").out().lines().skip(1))
                .containsExactly(
                        "@" + scratch.file("config/jvm.options"),
                        "-Da=b",
                        "-ea",
                        "-jar",
                        scratch.file("examples/target/dist/byssus-examples.jar").toString(),
                        "echo",
                        "--host",
                        "a b");
    }

    @Test
    void failedBuildSaysWhyAndNeitherItsRestNorTheOldBuildIsStarted() throws Exception {
        ScratchCheckout scratch = scratch().maven(GOOD);
        assertThat(scratch.run("echo").status()).isZero();

        scratch.maven(BAD).write("examples/src/main/java/Echo.java", "\"echo\" oops\n");
        for (int i = 0; i < 2; i++) {
            Child.Ended ended = scratch.run("echo");
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.out()).isEmpty();
            assertThat(ended.err().lines())
                    .containsExactly(
                            "byssus: building the examples ...",
                            "[ERROR] Echo.java:[3,1] is wrong",
                            "byssus: the build failed, and nothing was started (the log above is"
                                    + " also in .byssus/build-examples.log)");
            assertThat(scratch.file("examples/target/dist")).doesNotExist();
        }
        assertThat(scratch.mavenCalls()).isEqualTo(3);

        scratch.maven(GOOD);
        assertThat(scratch.run("echo").status()).isZero();
    }

    /** With the real Maven on the real sources. */
    @Timeout(180)
    @Test
    void syntaxErrorInAnExampleIsShownWithItsPlace() throws Exception {
        ScratchCheckout scratch = ScratchCheckout.whole(folder);
        assertThat(scratch.run("list").status()).isZero();

        String echo = "examples/src/main/java/io/byssus/examples/EchoServer.java";
        scratch.replace(echo, "out.flush();", "out.flush()");
        Child.Ended ended = scratch.run("echo", "--port", "0");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .containsPattern("EchoServer\\.java:\\[\\d+,\\d+] ';' expected")
                .endsWith("(the log above is also in .byssus/build-examples.log)\n");
        assertThat(ended.err().lines()).hasSizeLessThan(15);
        assertThat(scratch.file("examples/target/dist")).doesNotExist();
        assertThat(scratch.file("examples/target/dist.stamp")).doesNotExist();
    }

    private ScratchCheckout scratch() throws Exception {
        ScratchCheckout scratch = ScratchCheckout.of(folder);
        scratch.jdk("usr/lib/jvm/25", "25.0.3");
        return scratch;
    }
}
