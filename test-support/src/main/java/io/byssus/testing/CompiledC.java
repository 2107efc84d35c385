package io.byssus.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks the C compiler of this machine: runs a program that prints lines {@code name=value}. */
public final class CompiledC {
    private CompiledC() {}

    /** The lines of {@code source}'s output. */
    public static Map<String, String> run(Path folder, String source) throws Exception {
        Path program = build(folder, source);
        Map<String, String> values = new HashMap<>();
        for (String line : output(List.of(program.toString())).lines().toList()) {
            String[] pair = line.split("=", 2);
            values.put(pair[0], pair[1]);
        }
        return values;
    }

    /** The executable of {@code source}. */
    public static Path build(Path folder, String source) throws Exception {
        Path file = folder.resolve("program.c");
        Path program = folder.resolve("program");
        Files.writeString(file, source);
        output(List.of("cc", "-o", program.toString(), file.toString()));
        return program;
    }

    private static String output(List<String> command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError(
                    "This test compares our structs with those of the C compiler, and '"
                            + command.getFirst()
                            + "' does not start: install gcc.",
                    e);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + " failed:\n" + output);
        }
        return output;
    }
}
