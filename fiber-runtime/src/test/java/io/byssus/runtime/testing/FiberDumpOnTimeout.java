package io.byssus.runtime.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.PreInterruptCallback;
import org.junit.jupiter.api.extension.PreInterruptContext;

/**
 * Dumps every thread, fibers included, when a test's time is over: as JSON, below {@code target/}.
 * Found by JUnit through META-INF/services.
 */
public final class FiberDumpOnTimeout implements PreInterruptCallback {
    private static final Path FOLDER = Path.of("target", "fiber-dumps");

    /** Made by JUnit. */
    public FiberDumpOnTimeout() {}

    @Override
    public void beforeThreadInterrupt(PreInterruptContext interrupt, ExtensionContext test)
            throws IOException {
        String name =
                test.getRequiredTestClass().getSimpleName()
                        + "."
                        + test.getTestMethod().map(method -> method.getName()).orElse("class");
        Path file = dump(FOLDER, name);
        System.err.println(test.getDisplayName() + " is out of time; its threads are in " + file);
    }

    /**
     * Writes the dump into {@code folder}.
     *
     * @return the file
     */
    static Path dump(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.toAbsolutePath().resolve(name + ".json");
        Files.deleteIfExists(file); // dumpThreads refuses to overwrite
        ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class)
                .dumpThreads(
                        file.toString(),
                        com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
        return file;
    }
}
