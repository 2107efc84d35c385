package io.byssus.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the measurements take place: the repository's files, the JVM's flags, and the two cores.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param root the repository
 * @param jvmOptions the flags of every JVM server, from the committed file
 * @param byssusArguments what the Byssus example gets beyond port, shard count and core
 */
record TestBed(
        Path root,
        Path byssusJar,
        List<String> jvmOptions,
        List<String> byssusArguments,
        int serverCpu,
        int loadCpu) {

    private static final List<String> FALLBACK_OPTIONS =
            List.of("-XX:+UseSerialGC", "-Xmn8m", "-Xms64m", "-Xmx256m");

    /** Flags of the programs of this module that are not measured, or not by their memory. */
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    /**
     * The repository: what {@code ./byssus} says it is, or else the nearest folder upwards that
     * holds this module.
     */
    static Path findRoot() {
        String told = System.getProperty("byssus.root");
        if (told != null) {
            return Path.of(told);
        }
        Path here = Path.of("").toAbsolutePath();
        for (Path folder = here; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("benchmarks"))) {
                return folder;
            }
        }
        return here;
    }

    /** Reads one flag per line; without the file it says so and answers the usual flags. */
    static List<String> readJvmOptions(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            System.err.println(
                    "no " + file.getFileName() + ", using " + String.join(" ", FALLBACK_OPTIONS));
            return FALLBACK_OPTIONS;
        }
        return Files.readAllLines(file).stream()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /** Everything that a run leaves behind. */
    Path output() {
        return root.resolve("benchmarks").resolve("target");
    }

    Path sources() {
        return root.resolve("benchmarks").resolve("src").resolve("main");
    }

    /** The path as it is fit to be printed: without where the repository lies. */
    String relative(Path file) {
        return file.startsWith(root) ? root.relativize(file).toString() : file.toString();
    }

    /** The beginning of a command line: this very JVM with these flags. */
    List<String> java(List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        return command;
    }

    /** The command line that runs a main class of this module on this program's class path. */
    List<String> javaMain(List<String> options, Class<?> main, String... arguments) {
        List<String> command = java(options);
        // Given in any case: the peers' libraries call native code too, and would print warnings.
        command.add(NATIVE_ACCESS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    List<String> onServerCpu(List<String> command) {
        return pinned(serverCpu, command);
    }

    List<String> onLoadCpu(List<String> command) {
        return pinned(loadCpu, command);
    }

    /** taskset replaces itself by the command, so that the process id is the command's own. */
    private static List<String> pinned(int cpu, List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu)));
        pinned.addAll(command);
        return pinned;
    }
}
