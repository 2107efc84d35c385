package io.byssus.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.PreInterruptCallback;
import org.junit.jupiter.api.extension.PreInterruptContext;

/**
 * Dumps every thread, fibers included, when a test's time is over: as JSON, below {@code target/}.
 * The JVMs that the test has started are dumped too. Found by JUnit through META-INF/services.
 */
public final class FiberDumpOnTimeout implements PreInterruptCallback {
    private static final Path FOLDER = Path.of("target", "fiber-dumps");
    private static final int CHILD_LIMIT_SECONDS = 10;

    /** Made by JUnit. */
    public FiberDumpOnTimeout() {}

    @Override
    public void beforeThreadInterrupt(PreInterruptContext interrupt, ExtensionContext test)
            throws IOException, InterruptedException {
        String name =
                test.getRequiredTestClass().getSimpleName()
                        + "."
                        + test.getTestMethod().map(method -> method.getName()).orElse("class");
        List<Path> files = new ArrayList<>();
        files.add(dump(FOLDER, name));
        files.addAll(dumpChildren(FOLDER, name));
        System.err.println(test.getDisplayName() + " is out of time; its threads are in " + files);
    }

    /**
     * Writes the dump of this JVM into {@code folder}.
     *
     * @return the file
     */
    public static Path dump(Path folder, String name) throws IOException {
        Path file = newFile(folder, name);
        ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class)
                .dumpThreads(
                        file.toString(),
                        com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
        return file;
    }

    /**
     * Writes the dumps of the JVMs that this one has started and that answer.
     *
     * @return the files
     */
    public static List<Path> dumpChildren(Path folder, String name)
            throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        List<Path> files = new ArrayList<>();
        for (ProcessHandle child : ProcessHandle.current().descendants().toList()) {
            if (!child.info().command().orElse("").endsWith("/java")) {
                continue;
            }
            Path file = newFile(folder, name + "-" + child.pid());
            String pid = Long.toString(child.pid());
            Process dump =
                    new ProcessBuilder(
                                    jcmd.toString(),
                                    pid,
                                    "Thread.dump_to_file",
                                    "-format=json",
                                    file.toString())
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (dump.waitFor(CHILD_LIMIT_SECONDS, TimeUnit.SECONDS) && dump.exitValue() == 0) {
                files.add(file);
            } else {
                dump.destroyForcibly();
            }
        }
        return files;
    }

    private static Path newFile(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.toAbsolutePath().resolve(name + ".json");
        Files.deleteIfExists(file); // whoever dumps refuses to overwrite
        return file;
    }
}
