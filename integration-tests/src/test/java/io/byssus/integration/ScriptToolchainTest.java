package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How {@code ./byssus} finds a JDK and a Maven, and what it says when there is none. */
class ScriptToolchainTest {
    private static final String NO_JDK =
            "byssus: no JDK 25 found (JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks):"
                    + " install one, Eclipse Temurin 25 for example, and set JAVA_HOME to it\n";

    private static final String NO_MAVEN =
            "byssus: no Maven found: install Maven 3.8 or newer"
                    + " (on Debian: apt-get install maven)\n";

    @TempDir private Path folder;
    private ScratchCheckout scratch;

    @BeforeEach
    void create() throws Exception {
        scratch =
                ScratchCheckout.of(folder)
                        .maven(
                                """
                                mkdir -p examples/target/dist
                                echo "$JAVA_HOME" > examples/target/dist/byssus-examples.jar
                                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "echo", "build", "test", "format", "bench"})
    void machineWithoutAJdkIsToldWhatToInstall(String command) {
        Child.Ended ended = scratch.run(command);
        assertThat(ended.err().lines().filter(line -> !line.startsWith("byssus: seed")))
                .containsExactly(NO_JDK.strip());
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void machineWithOtherJavasOnlyIsToldWhatToInstall() throws Exception {
        scratch.set("JAVA_HOME", scratch.jdk("usr/lib/jvm/17", "17.0.15"));
        scratch.jdk("usr/lib/jvm/26", "26");
        scratch.jdk("opt/250", "250.0.1");
        Path jre = scratch.jdk("usr/lib/jvm/jre-25", "25.0.3");
        Files.delete(jre.resolve("bin/javac"));
        putOnPath(scratch.jdk("elsewhere/21", "21.0.1"));

        assertThat(scratch.run("list")).isEqualTo(new Child.Ended(1, "", NO_JDK));
    }

    @ParameterizedTest
    @CsvSource({
        "25.0.3, usr/lib/jvm/temurin-25-jdk-amd64",
        "25, usr/java/25",
        "25-ea, opt/jdk-25",
        "25.0.3+9, opt/java/25",
        "25.0.3, opt/jdk/25",
        "25.0.3, home/.sdkman/candidates/java/25.0.3-tem",
        "25.0.3, home/.jdks/temurin-25.0.3"
    })
    void javaHomeOfAnotherVersionIsPassedOverForAJdk25InAUsualPlace(String version, String place)
            throws Exception {
        scratch.set("JAVA_HOME", scratch.jdk("usr/lib/jvm/17", "17.0.15"));
        putOnPath(scratch.jdk("elsewhere/21", "21.0.1"));
        assertUses(scratch.jdk(place, version));
    }

    @Test
    void jdk25OnThePathIsTakenBeforeTheUsualPlaces() throws Exception {
        scratch.set("JAVA_HOME", scratch.jdk("usr/lib/jvm/17", "17.0.15"));
        scratch.jdk("usr/lib/jvm/25", "25.0.3");
        Path onPath = scratch.jdk("elsewhere/25", "25.0.1");
        putOnPath(onPath);
        assertUses(onPath);
    }

    @Test
    void jdk25InJavaHomeIsTakenBeforeAllOthers() throws Exception {
        putOnPath(scratch.jdk("elsewhere/25", "25.0.1"));
        Path home = scratch.jdk("my jdk", "25.0.2");
        scratch.set("JAVA_HOME", home);
        assertUses(home);
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "build", "test", "format"})
    void machineWithoutMavenIsToldWhatToInstall(String command) throws Exception {
        scratch.jdk("usr/lib/jvm/25", "25.0.3");
        Files.delete(scratch.onMachine("bin/mvn"));
        Child.Ended ended = scratch.run(command);
        assertThat(ended.err().lines().filter(line -> !line.startsWith("byssus: seed")))
                .containsExactly(NO_MAVEN.strip());
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
    }

    /** Both for Maven and for the program. */
    private void assertUses(Path jdk) throws Exception {
        Child.Ended ended = scratch.run("echo");
        assertThat(ended.status()).isZero();
        assertThat(ended.out().lines().findFirst()).contains(jdk + "/bin/java");
        assertThat(scratch.file("examples/target/dist/byssus-examples.jar"))
                .hasContent(jdk.toString());
    }

    private void putOnPath(Path jdk) throws Exception {
        Files.createSymbolicLink(scratch.onMachine("bin/java"), jdk.resolve("bin/java"));
    }
}
