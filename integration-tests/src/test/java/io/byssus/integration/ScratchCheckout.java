package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The script {@code ./byssus} in a folder of its own, on a machine that has what the test gives it:
 * the PATH holds the few tools that the script may use, and neither a JDK nor Maven; its usual
 * places for JDKs are below the folder, and so is the home directory.
 */
final class ScratchCheckout {
    /** All that the script may call; an honest list, since there is nothing else on the PATH. */
    private static final String[] TOOLS = {
        "awk",
        "bash",
        "cat",
        "cut",
        "date",
        "dirname",
        "env",
        "find",
        "flock",
        "grep",
        "id",
        "mkdir",
        "mv",
        "od",
        "readlink",
        "rm",
        "sed",
        "sha256sum",
        "sleep",
        "sort",
        "tail",
        "timeout",
        "tr",
        "xargs"
    };

    /** It may build; a test that does not is bounded by JUnit's own limit. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final String[] MAIN_MODULES = {
        "test-support", "fiber-runtime", "fiber-net", "fiber-native-stack", "examples"
    };

    /** Where it looks for JDKs, as its source has them. */
    private static final List<String> JDK_PLACES =
            List.of("/usr/lib/jvm/*", "/usr/java/*", "/opt/*", "/opt/java/*", "/opt/jdk/*");

    private final Path machine;
    private final Path checkout;
    private final Path bin;
    private final Map<String, String> environment = new TreeMap<>();

    private ScratchCheckout(Path machine) throws IOException {
        this.machine = machine;
        this.checkout = Files.createDirectory(machine.resolve("checkout"));
        this.bin = Files.createDirectory(machine.resolve("bin"));
        Files.createDirectory(machine.resolve("home"));
        environment.put("HOME", machine.resolve("home").toString());
    }

    /** The script and one example that is a word in quotes. */
    static ScratchCheckout of(Path folder) throws IOException {
        ScratchCheckout scratch = new ScratchCheckout(folder);
        scratch.set("PATH", scratch.bin + ":" + tools());
        for (String path : List.of("byssus", "scripts", "config", "pom.xml")) {
            scratch.copy(path);
        }
        scratch.write("examples/src/main/java/Echo.java", "@Command(name = \"echo\")\n");
        for (String place : JDK_PLACES) {
            scratch.replace("scripts/toolchain.sh", " " + place, " " + folder + place);
        }
        return scratch;
    }

    /**
     * All that a build of the examples reads, what it has made, and this machine's JDK and Maven.
     */
    static ScratchCheckout whole(Path folder) throws IOException {
        ScratchCheckout scratch = new ScratchCheckout(folder);
        for (String path : List.of("byssus", "scripts", "config", "pom.xml", ".mvn")) {
            scratch.copy(path);
        }
        for (String module : MAIN_MODULES) {
            scratch.copy(module + "/pom.xml");
            scratch.copy(module + "/src/main");
        }
        scratch.copy("integration-tests/pom.xml");
        scratch.copy("benchmarks/pom.xml");
        scratch.copy("examples/target/dist");
        if (Files.exists(RunningExample.ROOT.resolve("examples/target/dist.stamp"))) {
            scratch.copy("examples/target/dist.stamp"); // not there if Maven was run by hand
        }
        scratch.set("PATH", System.getenv("PATH"))
                .set("HOME", System.getProperty("user.home"))
                .set("JAVA_HOME", System.getProperty("java.home"))
                .set("BYSSUS_MAVEN_OPTS", "-o");
        return scratch;
    }

    Path file(String path) {
        return checkout.resolve(path);
    }

    /** A path outside the checkout, such as {@code usr/lib/jvm/25}. */
    Path onMachine(String path) {
        return machine.resolve(path);
    }

    ScratchCheckout set(String variable, Object value) {
        environment.put(variable, value.toString());
        return this;
    }

    ScratchCheckout write(String path, String content) throws IOException {
        Files.createDirectories(file(path).getParent());
        Files.writeString(file(path), content);
        return this;
    }

    /** Replaces text that must be there. */
    ScratchCheckout replace(String path, String from, String to) throws IOException {
        String content = Files.readString(file(path));
        assertThat(content).as(path).contains(from);
        Files.writeString(file(path), content.replace(from, to));
        return this;
    }

    /** Puts a Bash script on the PATH, for a tool or in its place. */
    ScratchCheckout tool(String name, String body) throws IOException {
        script(bin.resolve(name), body);
        return this;
    }

    /** A Maven that notes in {@code mvn.calls} that it was called. */
    ScratchCheckout maven(String body) throws IOException {
        return tool("mvn", "echo \"$*\" >> '" + file("mvn.calls") + "'\n" + body);
    }

    int mavenCalls() throws IOException {
        Path calls = file("mvn.calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    /** A JDK whose {@code java} knows one example, and prints how it was called. */
    Path jdk(String path, String version) throws IOException {
        Path home = onMachine(path);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/javac"), "");
        script(
                home.resolve("bin/java"),
                """
                if [[ ${*: -1} == list ]]; then
                  echo 'echo  Send back.'
                else
                  printf '%s\\n' "$0" "$@"
                fi
                """);
        return home;
    }

    /** Starts {@code ./byssus} with only the variables that were set. */
    Child start(String... arguments) {
        List<String> command = new ArrayList<>(List.of("env", "-i", "-C", checkout.toString()));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.add("./byssus");
        command.addAll(Arrays.asList(arguments));
        return Child.start(command);
    }

    Child.Ended run(String... arguments) {
        try (Child child = start(arguments)) {
            return child.awaitEnd(LIMIT);
        }
    }

    private void copy(String path) throws IOException {
        Path from = RunningExample.ROOT.resolve(path);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path source : files.filter(Files::isRegularFile).toList()) {
                Path target = file(RunningExample.ROOT.relativize(source).toString());
                Files.createDirectories(target.getParent());
                Files.copy(source, target);
            }
        }
    }

    private static void script(Path path, String body) throws IOException {
        Files.writeString(path, "#!/usr/bin/env bash\n" + body);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A folder with them, made anew at each call and left behind for the next. */
    private static Path tools() throws IOException {
        Path tools = RunningExample.ROOT.resolve("integration-tests/target/script-tools");
        Files.createDirectories(tools);
        for (String tool : TOOLS) {
            Files.deleteIfExists(tools.resolve(tool));
            Files.createSymbolicLink(tools.resolve(tool), onPath(tool));
        }
        return tools;
    }

    private static Path onPath(String tool) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("'" + tool + "' is not on the PATH"));
    }
}
