package io.byssus.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.PreInterruptCallback;
import org.junit.jupiter.api.extension.PreInterruptContext;

/**
 * Dumps every thread, fibers included, when a test's time is over: as JSON, below {@code target/}.
 * The JVMs that the test has started are dumped too. If a runtime runs in this one, its own dump,
 * which says what each fiber waits for, is beside it. Found by JUnit through META-INF/services.
 */
public final class FiberDumpOnTimeout implements PreInterruptCallback {
    private static final Path FOLDER = Path.of("target", "fiber-dumps");
    private static final int CHILD_LIMIT_SECONDS = 10;
    private static final String BEAN = "io.byssus:type=Fibers";
    private static final int BEAN_LOOKS = 30;
    private static final int BETWEEN_LOOKS_MILLIS = 100;

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
        dumpFibers(FOLDER, name).ifPresent(files::add);
        System.err.println(test.getDisplayName() + " is out of time; its threads are in " + files);
    }

    /**
     * Writes the dump of this JVM into {@code folder}.
     *
     * @return the file
     */
    public static Path dump(Path folder, String name) throws IOException {
        Path file = newFile(folder, name, ".json");
        ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class)
                .dumpThreads(
                        file.toString(),
                        com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
        return file;
    }

    /**
     * Writes what the MXBean of Byssus says, if there is one, into {@code folder}.
     *
     * @return the file
     */
    public static Optional<Path> dumpFibers(Path folder, String name) throws IOException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            ObjectName bean = new ObjectName(BEAN);
            for (int i = 0; i < BEAN_LOOKS && !server.isRegistered(bean); i++) {
                // allow ThreadSleep: the bean is made some time after its server
                Thread.sleep(BETWEEN_LOOKS_MILLIS);
            }
            if (!server.isRegistered(bean)) {
                return Optional.empty();
            }
            Path file = newFile(folder, name, ".txt");
            Files.writeString(file, (String) server.invoke(bean, "dump", null, null));
            return Optional.of(file);
        } catch (JMException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
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
            Path file = newFile(folder, name + "-" + child.pid(), ".json");
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

    private static Path newFile(Path folder, String name, String suffix) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.toAbsolutePath().resolve(name + suffix);
        Files.deleteIfExists(file); // whoever dumps refuses to overwrite
        return file;
    }
}
