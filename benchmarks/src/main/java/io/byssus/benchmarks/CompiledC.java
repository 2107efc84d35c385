package io.byssus.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Compiles the yardstick written in C where there is a compiler; the comparison goes on without it
 * where there is none.
 */
final class CompiledC {
    private CompiledC() {}

    /** Builds the program; the answer says why that was impossible, and is empty when it went. */
    static Optional<String> build(TestBed bed, Path source, Path program) {
        if (!Files.isRegularFile(source)) {
            return Optional.of("no source: " + bed.relative(source));
        }
        List<String> command =
                List.of("gcc", "-O2", "-Wall", "-o", program.toString(), source.toString());
        try {
            Files.createDirectories(program.getParent());
            int status = Children.start(new ProcessBuilder(command).inheritIO()).waitFor();
            return status == 0 ? Optional.empty() : Optional.of("gcc failed, status=" + status);
        } catch (IOException noCompiler) {
            return Optional.of("no gcc here");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }
}
