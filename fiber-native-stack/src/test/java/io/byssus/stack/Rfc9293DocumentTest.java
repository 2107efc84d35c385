package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/RFC9293.md} is made of the tags of this module's tests and of {@code rfc9293.txt},
 * and is what they say. Run this with {@code -Dbyssus.write.rfc9293=true} to write it.
 */
class Rfc9293DocumentTest {
    private static final String WRITE = "byssus.write.rfc9293";
    private static final Path DOCUMENT = repository().resolve("docs/RFC9293.md");
    private static final Pattern ID = Pattern.compile("(MUST|SHLD|MAY|REC)-\\d+");

    private static final String COMMAND =
            "mvn -pl fiber-native-stack -am test"
                    + " -Dtest=Rfc9293DocumentTest -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -D"
                    + WRITE
                    + "=true";

    private static final String HEAD =
            """
            # RFC 9293 in the native stack

            Each requirement of RFC 9293's Appendix B, and the tests that carry its id as their tag; or \
            a sentence
            that says why there is none, or how this stack deviates. The deliberate deviations are \
            MUST-8, MUST-13,
            MUST-23, MUST-37, MUST-51 to MUST-53 (with SHLD-24) and SHLD-26.

            This file is made by `Rfc9293DocumentTest`, which fails when it is not what the tests say.
            """;

    /** A line of the list. */
    private record Requirement(String section, String id, String statement, String remark) {}

    private static Path repository() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("byssus"))) {
            directory = directory.getParent();
        }
        return directory;
    }

    private static List<Requirement> requirements() throws IOException {
        List<Requirement> requirements = new ArrayList<>();
        String section = "";
        try (var list = Rfc9293DocumentTest.class.getResourceAsStream("/rfc9293.txt")) {
            String text = new String(list.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.lines().toList()) {
                if (line.startsWith("= ")) {
                    section = line.substring(2);
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    String[] parts = line.split(" \\| ");
                    requirements.add(
                            new Requirement(
                                    section, parts[0], parts[1], parts.length > 2 ? parts[2] : ""));
                }
            }
        }
        return requirements;
    }

    /** For each id, the tests that have it as their tag. */
    private static Map<String, TreeSet<String>> tests() throws IOException, URISyntaxException {
        Map<String, TreeSet<String>> tests = new TreeMap<>();
        Path classes =
                Path.of(
                        Rfc9293DocumentTest.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(f -> f.toString().endsWith("Test.class")).toList()) {
                String name = classes.relativize(file).toString().replace('/', '.');
                collect(load(name.substring(0, name.length() - ".class".length())), tests);
            }
        }
        return tests;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, Rfc9293DocumentTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static void collect(Class<?> type, Map<String, TreeSet<String>> tests) {
        for (Method method : type.getDeclaredMethods()) {
            for (Tag tag : method.getAnnotationsByType(Tag.class)) {
                if (ID.matcher(tag.value()).matches()) {
                    tests.computeIfAbsent(tag.value(), id -> new TreeSet<>())
                            .add(type.getSimpleName() + "." + method.getName());
                }
            }
        }
    }

    private static String document(List<Requirement> all, Map<String, TreeSet<String>> tests) {
        StringBuilder document = new StringBuilder(HEAD);
        String section = "";
        for (Requirement requirement : all) {
            if (!requirement.section().equals(section)) {
                section = requirement.section();
                document.append("\n## ").append(section).append("\n\n");
                document.append("| id | what it asks | tests |\n|---|---|---|\n");
            }
            List<String> cells = new ArrayList<>();
            tests.getOrDefault(requirement.id(), new TreeSet<>())
                    .forEach(test -> cells.add("`" + test + "`"));
            if (!requirement.remark().isEmpty()) {
                cells.addFirst(requirement.remark());
            }
            document.append("| ").append(requirement.id());
            document.append(" | ").append(requirement.statement());
            document.append(" | ").append(String.join("<br>", cells)).append(" |\n");
        }
        return document.toString();
    }

    @Test
    void theListHasEachRequirementOnce() throws Exception {
        List<String> expected = new ArrayList<>();
        IntStream.rangeClosed(1, 69).forEach(i -> expected.add("MUST-" + i));
        IntStream.rangeClosed(1, 31).forEach(i -> expected.add("SHLD-" + i));
        IntStream.rangeClosed(1, 18).forEach(i -> expected.add("MAY-" + i));
        expected.add("REC-1");
        assertThat(requirements())
                .extracting(Requirement::id)
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void eachRequirementHasATestOrASentence() throws Exception {
        Map<String, TreeSet<String>> tests = tests();
        assertThat(requirements())
                .filteredOn(r -> r.remark().isEmpty() && !tests.containsKey(r.id()))
                .as("requirements without a test tagged with their id, and without a sentence")
                .extracting(Requirement::id)
                .isEmpty();
    }

    @Test
    void eachTagIsARequirement() throws Exception {
        assertThat(requirements()).extracting(Requirement::id).containsAll(tests().keySet());
    }

    @Test
    void theDocumentIsWhatTheTestsSay() throws Exception {
        String document = document(requirements(), tests());
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(DOCUMENT, document);
        }
        assertThat(Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "")
                .as("docs/RFC9293.md is not what the tests say; this writes it: %s", COMMAND)
                .isEqualTo(document);
    }
}
