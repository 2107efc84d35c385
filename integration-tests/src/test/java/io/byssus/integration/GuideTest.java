package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each program in {@code docs/guide*.md}, compiled as it stands there, run, and asked to do what
 * the text says that it does. A program without a check here fails.
 */
class GuideTest {
    private static final Path DOCS = RunningExample.ROOT.resolve("docs");
    private static final Pattern CHAPTER = Pattern.compile("guide(-[a-z-]+)?\\.md");
    private static final Path README = RunningExample.ROOT.resolve("README.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
    private static final Pattern CLASS = Pattern.compile("(?m)^public final class (\\w+)");

    /**
     * By class name; the check of a program of the page {@code guide-NAME.md} is in a class of its
     * own.
     */
    private static final Map<String, GuideCheck> CHECKS =
            Stream.of(
                            GuideChecks.ALL,
                            FiberGuideChecks.ALL,
                            BackendsGuideChecks.ALL,
                            CancellationGuideChecks.ALL,
                            ContextGuideChecks.ALL,
                            DatagramsGuideChecks.ALL,
                            DumpsGuideChecks.ALL,
                            MemoryGuideChecks.ALL,
                            NamesGuideChecks.ALL,
                            PrimitivesGuideChecks.ALL,
                            SchedulingGroupsGuideChecks.ALL,
                            ShardedServicesGuideChecks.ALL,
                            StallsGuideChecks.ALL,
                            StreamsGuideChecks.ALL,
                            TlsGuideChecks.ALL)
                    .flatMap(checks -> checks.entrySet().stream())
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));

    @TempDir private Path folder;

    static Stream<String> programs() throws IOException {
        return guide().map(GuideTest::className);
    }

    @ParameterizedTest
    @MethodSource("programs")
    void programDoesWhatTheTextSays(String name) throws Exception {
        List<String> sources = guide().filter(source -> className(source).equals(name)).toList();
        assertThat(sources).as("programs named %s", name).hasSize(1);
        check(name, sources.getFirst());
    }

    @Test
    void everyCheckHasItsProgram() throws Exception {
        assertThat(programs()).containsExactlyInAnyOrderElementsOf(CHECKS.keySet());
    }

    @Test
    void readmesProgramsAreTheGuidesOrRunLikewise() throws Exception {
        Map<String, String> guide =
                guide().collect(Collectors.toMap(GuideTest::className, source -> source));
        for (String source : Files.exists(README) ? blocks(README).toList() : List.<String>of()) {
            String name = className(source);
            if (!source.equals(guide.get(name))) {
                check(name, source);
            }
        }
    }

    private void check(String name, String source) throws Exception {
        assertThat(CHECKS).as("checks of what a program does").containsKey(name);
        int port = freePort();
        Path classes = CompiledProgram.compile(name, withPort(source, port), folder);
        CHECKS.get(name).run(new CompiledProgram(name, classes, port));
    }

    /** Replaces the guide's port, which another may hold on this machine. */
    private static String withPort(String source, int port) {
        return source.replaceAll("\\b1234\\b", Integer.toString(port));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
            return socket.getLocalPort();
        }
    }

    /** Every program of every chapter. */
    private static Stream<String> guide() throws IOException {
        List<String> programs = new ArrayList<>();
        try (Stream<Path> pages = Files.list(DOCS)) {
            List<Path> chapters =
                    pages.filter(page -> CHAPTER.matcher(page.getFileName().toString()).matches())
                            .sorted()
                            .toList();
            for (Path chapter : chapters) {
                programs.addAll(blocks(chapter).toList());
            }
        }
        return programs.stream();
    }

    private static Stream<String> blocks(Path page) throws IOException {
        return BLOCK.matcher(Files.readString(page)).results().map(block -> block.group(1));
    }

    private static String className(String source) {
        Matcher matcher = CLASS.matcher(source);
        assertThat(matcher.find()).as("a public final class in%n%s", source).isTrue();
        return matcher.group(1);
    }

    /** What is expected of a program. */
    @FunctionalInterface
    interface GuideCheck {
        void run(CompiledProgram program) throws Exception;
    }
}
