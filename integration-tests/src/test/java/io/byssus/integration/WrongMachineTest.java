package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told on a machine or a JDK that Byssus is not made for. */
class WrongMachineTest {
    @TempDir private Path folder;

    @Test
    void anotherArchitectureIsToldInOneSentence() {
        Child.Ended ended = fanout("-Dos.arch=s390x");
        assertThat(ended)
                .isEqualTo(
                        new Child.Ended(
                                1,
                                "",
                                "Byssus runs on Linux on amd64 and aarch64; this is Linux on s390x\n"));
    }

    /** A JDK as a later one may be: without the constructor that takes a scheduler. */
    @Test
    void jdkWithoutSchedulersOfOnesOwnIsToldInOneSentence() throws Exception {
        String name = "java/lang/ThreadBuilders$VirtualThreadBuilder.class";
        Path patched = folder.resolve(name);
        Files.createDirectories(patched.getParent());
        Files.write(patched, withoutSchedulerConstructor(name));

        assertThat(fanout("--patch-module", "java.base=" + folder))
                .isEqualTo(
                        new Child.Ended(
                                1,
                                "",
                                "Byssus needs a JDK 25; this is "
                                        + System.getProperty("java.vm.name")
                                        + " "
                                        + System.getProperty("java.version")
                                        + "\n"));
    }

    @Test
    void mavenOnAnOlderJdkIsStoppedWithASentenceBeforeItCompiles() throws Exception {
        Optional<Path> old = olderJdk();
        assumeTrue(old.isPresent(), "there is no JDK before 25 in /usr/lib/jvm");
        ScratchCheckout scratch = ScratchCheckout.whole(folder);
        Child.Ended ended =
                Child.run(
                        "",
                        "env",
                        "-C",
                        scratch.file("").toString(),
                        "JAVA_HOME=" + old.get(),
                        "MAVEN_OPTS=",
                        "mvn",
                        "-B",
                        "-o",
                        "verify");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.out())
                .contains("[ERROR] Byssus needs Maven itself to run on a JDK 25, and this is Java ")
                .contains(": set JAVA_HOME to a JDK 25, or use ./byssus, which finds one.")
                .doesNotContain("maven-compiler-plugin");
        assertThat(scratch.file("fiber-runtime/target")).doesNotExist();
    }

    private static Child.Ended fanout(String... jvmOptions) {
        List<String> rest = List.of("-jar", RunningExample.JAR.toString(), "fanout");
        try (Child child =
                Child.java(Stream.concat(Stream.of(jvmOptions), rest.stream()).toList())) {
            return child.awaitEnd();
        }
    }

    private static byte[] withoutSchedulerConstructor(String name) throws IOException {
        String descriptor = Executor.class.descriptorString();
        try (InputStream original = Object.class.getModule().getResourceAsStream(name)) {
            ClassFile file = ClassFile.of();
            return file.transformClass(
                    file.parse(original.readAllBytes()),
                    ClassTransform.dropping(element ->
                            element instanceof MethodModel method
                                    && method.methodName().equalsString("<init>")
                                    && method.methodType().stringValue().contains(descriptor)));
        }
    }

    private static Optional<Path> olderJdk() throws IOException {
        Path places = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(places)) {
            return Optional.empty();
        }
        try (Stream<Path> jdks = Files.list(places)) {
            return jdks.filter(WrongMachineTest::isOlderJdk).findFirst();
        }
    }

    private static boolean isOlderJdk(Path home) {
        try {
            return Files.isExecutable(home.resolve("bin/javac"))
                    && Files.readString(home.resolve("release"))
                            .matches("(?s).*JAVA_VERSION=\"(11|17|21)\\..*");
        } catch (IOException e) {
            return false; // no JDK then
        }
    }
}
